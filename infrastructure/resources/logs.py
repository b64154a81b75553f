"""The log groups: one per function, and one for the API's access log. The functions' are ours because a function may
only write to its group, not create it, and because Chalice gives the API handler's group a name that Lambda does not
use."""

from troposphere import Ref, Sub
from troposphere.logs import LogGroup

from edges.functions import Function
from infrastructure.names import title
from infrastructure.resources.access_log import log_group_name


def log_group(function: Function) -> LogGroup:
    return group(title(function.name, "log"), f"/aws/lambda/{function.lambda_name('${Stage}')}")


def access_log() -> LogGroup:
    return group("AccessLog", log_group_name("${Stage}"))


def group(logical_id: str, name: str) -> LogGroup:
    """Encrypted by CloudWatch's own key; no line holds personal data or a token."""
    return LogGroup(
        logical_id,
        LogGroupName=Sub(name),
        RetentionInDays=Ref("LogDays"),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )
