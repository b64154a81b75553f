"""Which fields of an event are personal, read from the marks in `schemas.events`, and events without them."""

from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from .envelope import Event, EventData

Pseudonym = Callable[[str], str]
"""What stands for a personal value: the same for the same value, and nothing that leads back to it."""


def personal_fields(contract: type[EventData]) -> set[str]:
    """Names of the data's fields that leave the saga only hashed or not at all."""
    return {name for name, field in contract.model_fields.items() if is_marked(field, "x-personal")}


def secret_fields(contract: type[EventData]) -> set[str]:
    """Names of the data's fields that leave the saga not at all."""
    return {name for name, field in contract.model_fields.items() if is_marked(field, "x-secret")}


def is_marked(field: FieldInfo, mark: str) -> bool:
    marks = field.json_schema_extra
    return isinstance(marks, dict) and bool(marks.get(mark))


def personal_values(event: Event[EventData]) -> list[str]:
    """What the event says in those fields."""
    values = (getattr(event.data, name) for name in sorted(personal_fields(type(event.data))))
    return [str(value) for value in values if value is not None]


@cache
def impersonal(contract: type[EventData]) -> type[EventData]:
    """The class of the same event as people are told of it: without its personal fields."""
    kept = contract.model_fields.keys() - personal_fields(contract)
    fields: dict[str, Any] = {name: (contract.model_fields[name].annotation, contract.model_fields[name])
                              for name in contract.model_fields if name in kept}  # fmt: skip
    declared = {"detail_type": contract.DETAIL_TYPE, "source": contract.SOURCE, "key": contract.KEY}
    return create_model(
        f"Impersonal{contract.__name__}",
        __base__=EventData,
        __cls_kwargs__={**declared, "version": contract.VERSION, "listed": False},
        **fields,
    )


def sanitised(model: BaseModel, pseudonym: Pseudonym) -> dict[str, Any]:
    """Plain JSON data of a contract: secret fields left out, personal ones replaced, in whatever it contains too."""
    plain = model.model_dump(mode="json", exclude_none=True)
    fields = type(model).model_fields
    return {
        name: pseudonym(str(value)) if is_marked(fields[name], "x-personal") else _within(model, name, value, pseudonym)
        for name, value in plain.items()
        if not is_marked(fields[name], "x-secret")
    }


def _within(model: BaseModel, name: str, plain: Any, pseudonym: Pseudonym) -> Any:
    value = getattr(model, name)
    if isinstance(value, BaseModel):
        return sanitised(value, pseudonym)
    if isinstance(value, list):
        return [sanitised(each, pseudonym) if isinstance(each, BaseModel) else known
                for each, known in zip(value, plain, strict=True)]  # fmt: skip
    return plain
