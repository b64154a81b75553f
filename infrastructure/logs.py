"""The functions' log groups. They are ours because a function may only write to its group, not create it, and because
Chalice gives the API handler's group a name that Lambda does not use."""

from troposphere import Ref, Sub
from troposphere.logs import LogGroup

from edges.functions import Function
from infrastructure.functions import lambda_name
from infrastructure.names import title


def log_group(function: Function) -> LogGroup:
    return LogGroup(
        title(function.name, "log"),
        LogGroupName=Sub(f"/aws/lambda/{lambda_name(function, '${Stage}')}"),
        RetentionInDays=Ref("LogDays"),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )
