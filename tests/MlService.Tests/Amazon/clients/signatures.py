"""Prints requests as botocore signs them, in each of the forms it knows, for a key any/secret and the clock of now."""
import datetime
import json
import random
import string

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

draw = random.Random(4)
SECRET = "secret/with+odd=characters"
HOSTS = ["127.0.0.1:5080", "localhost", "machinelearning.us-east-1.amazonaws.com"]


def text(alphabet, most):
    return "".join(draw.choice(alphabet) for _ in range(draw.randint(1, most)))


def request(form):
    token = text(string.ascii_letters, 20) if draw.random() < 0.3 else None
    path = draw.choice(["/", "/realtime/model-1", "/a//b/./c/../d/", "/odd%20path/%C3%A4~-_.", "/%2Fx"])
    query = "&".join(f"{text(string.ascii_letters, 6)}={text(string.ascii_letters + '-_.~', 6)}" for _ in range(draw.randint(0, 3)))
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonML_20141212.Predict",
               "X-Amz-Meta": "  " + "   ".join(text(string.ascii_letters, 5) for _ in range(3)) + " "}
    if form == "date":
        headers["Date"] = "to be set"
    body = json.dumps({"Record": {"ä": text(string.printable, 200)}}, ensure_ascii=False).encode() if form != "query" else b""
    made = AWSRequest("POST", f"http://{draw.choice(HOSTS)}{path}{'?' if query else ''}{query}", headers, body)
    # botocore asks for these of the caller; values are part of what is signed.
    credentials = Credentials("any", SECRET, token)
    signer = SigV4QueryAuth(credentials, "machinelearning", "eu-west-1", 900) if form == "query" else SigV4Auth(credentials, "machinelearning", "eu-west-1")
    signer.add_auth(made)
    sent = made.prepare()
    scheme_and_host, _, target = sent.url.partition("//")[2].partition("/")
    return {"method": sent.method, "target": "/" + target, "body": body.decode(),
            "headers": {"host": scheme_and_host, **{name.lower(): str(value) for name, value in made.headers.items()}}}


print(json.dumps([request(form) for form in ("header", "date", "query") for _ in range(40)]))
