"""Names and ARNs as the template writes them: one template for every stage, with the stage as a parameter."""

from troposphere import Sub

API_STAGE = "api"
"""API Gateway's stage, the first part of every path; the stages of Orderwire have an API each."""


def title(*words: str) -> str:
    """The logical id of a resource: `title("order-log", "queue")` is `OrderLogQueue`."""
    parts = " ".join(words).replace("-", " ").replace("_", " ").split()
    return "".join(part[0].upper() + part[1:] for part in parts)


def name(resource: str, prefix: str = "") -> Sub:
    """The same name as `edges.settings.Settings.name` gives."""
    return Sub(f"{prefix}orderwire-${{Stage}}-{resource}")


def path(resource: str) -> Sub:
    """The same name as `edges.settings.Settings.path` gives, of a secret or parameter."""
    return Sub(f"/orderwire/${{Stage}}/{resource}")


def arn(service: str, resource: str) -> Sub:
    """The ARN of a resource of this stack that may not exist yet; `resource` may hold `${Stage}`."""
    return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")
