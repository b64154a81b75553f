"""A row of a table as Python sees it, and as DynamoDB's client takes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import BaseModel, ConfigDict

from schemas.types import format_time

Item = dict[str, Any]

serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class Row(BaseModel):
    """A row as Python sees it. `version` counts its writes; 0 is a row that has never been stored.

    Attributes that only a newer release knows are carried along, those of its parts too: functions are not released all
    at once, and a release may be rolled back.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    version: int = 0

    def to_item(self) -> Item:
        """The attributes as DynamoDB's client takes them; None is left out, times are in their wire form."""
        return {key: serialize(value) for key, value in _plain(self).items()}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        return cls.model_validate(plain_item(item), extra="allow")

    def with_(self, **changes: Any) -> Self:
        """A copy with these fields changed, validated. Raises TypeError for a field that the class does not have."""
        if unknown := changes.keys() - type(self).model_fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {sorted(unknown)}")
        return type(self).model_validate({**dict(self), **changes})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, BaseModel):
        return _plain(dict(value))  # a dump would leave out what the class does not know
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def plain_item(item: Mapping[str, Any]) -> Item:
    """DynamoDB's typed attributes as plain Python values; numbers are Decimal."""
    return {key: _deserialize(value) for key, value in item.items()}
