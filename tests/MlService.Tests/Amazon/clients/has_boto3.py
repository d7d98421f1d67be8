"""Says whether boto3 is there."""
import importlib.util

print("yes" if importlib.util.find_spec("boto3") else "no")
