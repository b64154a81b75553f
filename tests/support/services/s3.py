"""S3 in memory, for tests that run hundreds of batches; goes wrong on request."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

FINE, REFUSED, LOST = "fine", "refused", "lost"
"""A put that works; one that is refused; one that works, but whose answer never comes."""


class FakeS3:
    """`objects` maps keys to contents; `puts` are all keys that were put, in order."""

    def __init__(self, faults: Iterable[str] = ()) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.faults = iter(faults)

    def put_object(self, **put: Any) -> None:
        fault = next(self.faults, FINE)
        if fault == REFUSED:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your request rate."}}, "PutObject")
        self.objects[put["Key"]] = put["Body"]
        self.puts.append(put["Key"])
        if fault == LOST:
            raise ReadTimeoutError(endpoint_url="https://s3.test")


class FixedTexts:
    """SSM or Secrets Manager that answers the same text whatever is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_parameter(self, **_: Any) -> Any:
        return {"Parameter": {"Value": self._text}}

    def get_secret_value(self, **_: Any) -> Any:
        return {"SecretString": self._text}
