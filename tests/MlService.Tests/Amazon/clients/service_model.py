"""Prints the operations of botocore's service model of Amazon Machine Learning, as the test compares them with ours."""
import json

import botocore.session

# The host of an endpoint is ours, and the model's pattern allows none but Amazon's; PresignedS3Url and the like have no rules.
WITHOUT_PATTERN = {"VipURL"}


def describe(shape):
    shown = {"type": {"long": "integer"}.get(shape.type_name, shape.type_name)}
    if shape.type_name == "string" and shape.metadata.get("enum"):
        shown["enum"] = sorted(shape.metadata["enum"])
    if shape.metadata.get("min"):
        shown["min"] = shape.metadata["min"]
    if "max" in shape.metadata:
        shown["max"] = shape.metadata["max"]
    if "pattern" in shape.metadata and shape.name not in WITHOUT_PATTERN:
        shown["pattern"] = shape.metadata["pattern"]
    if shape.type_name == "list":
        shown["item"] = describe(shape.member)
    if shape.type_name == "map":
        shown.update(key=describe(shape.key), value=describe(shape.value))
    if shape.type_name == "structure":
        for name in sorted(shape.members):
            shown[name + ("*" if name in shape.required_members else "")] = describe(shape.members[name])
    return shown


model = botocore.session.get_session().get_service_model("machinelearning")
print(json.dumps({name: {"input": describe(operation.input_shape), "output": describe(operation.output_shape)}
                  for name in model.operation_names for operation in [model.operation_model(name)]}))
