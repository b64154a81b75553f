"""Which fields of an event are personal, read from the marks in `schemas.events`."""

from pydantic.fields import FieldInfo

from schemas.envelope import Event, EventData


def personal_fields(contract: type[EventData]) -> set[str]:
    """Names of the data's fields that leave the saga only hashed or not at all."""
    return {name for name, field in contract.model_fields.items() if _is_personal(field)}


def _is_personal(field: FieldInfo) -> bool:
    marks = field.json_schema_extra
    return isinstance(marks, dict) and bool(marks.get("x-personal"))


def personal_values(event: Event[EventData]) -> list[str]:
    """What the event says in those fields."""
    return [str(getattr(event.data, name)) for name in sorted(personal_fields(type(event.data)))]
