"""Hypothesis strategies for valid events, derived from their JSON Schemas, so that a new event has one at once.

Every document they make is one that producers can publish; the oddest texts and the largest sums are among them.
"""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from .contracts.envelope import Event, EventData, new_event
from .contracts.parse import parse_detail
from .contracts.types import format_time

D = TypeVar("D", bound=EventData)

TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31, 23, 59, 59), timezones=st.just(UTC))
REPEATED = re.compile(r"\^\[([^\[\]\\]+)\]\+\$")
ASCII = [chr(code) for code in range(128)]
IDS = st.from_regex(r"\A[A-Za-z0-9._:/=+-]{1,40}\Z")


def events(contract: type[D], **fixed: Any) -> st.SearchStrategy[Event[D]]:
    """Events of one class. `fixed` are fields of the data with the value they shall have, as JSON has it."""
    return st.builds(
        new_event,
        data(contract, **fixed),
        at=TIMES.map(to_the_millisecond),
        correlation_id=IDS,
        causation_id=IDS,
    )


def data(contract: type[D], **fixed: Any) -> st.SearchStrategy[D]:
    """The data of events of one class."""
    return documents(contract).map(lambda found: contract.model_validate({**found, **fixed}))


@cache
def documents(contract: type[EventData]) -> st.SearchStrategy[dict[str, Any]]:
    """The data as plain JSON."""
    schema = contract.model_json_schema()
    return values(schema, schema.get("$defs", {}))


def values(schema: dict[str, Any], named: dict[str, Any]) -> st.SearchStrategy[Any]:
    """The values that a JSON Schema of the contracts' kind allows. Raises NotImplementedError for any other kind."""
    match schema:
        case {"$ref": reference}:
            return values(named[reference.rpartition("/")[2]], named)
        case {"anyOf": choices}:
            return st.one_of([values(each, named) for each in choices])
        case {"const": value}:
            return st.just(value)
        case {"enum": choices}:
            return st.sampled_from(choices)
    return typed(schema, named)


def typed(schema: dict[str, Any], named: dict[str, Any]) -> st.SearchStrategy[Any]:
    match schema:
        case {"type": "null"}:
            return st.none()
        case {"type": "integer", "minimum": low, "maximum": high}:
            return st.integers(low, high)
        case {"type": "number", "minimum": low, "maximum": high, "multipleOf": 0.01}:
            return st.integers(round(low * 100), round(high * 100)).map(lambda cents: cents / 100)
        case {"type": "array", "items": items, "minItems": fewest, "maxItems": most}:
            return st.lists(values(items, named), min_size=fewest, max_size=min(most, fewest + 4))
        case {"type": "object", "properties": properties}:
            return objects(properties, set(schema.get("required", ())), named)
        case {"type": "string"}:
            return texts(schema)
    raise NotImplementedError(f"no strategy for {schema}")


def objects(properties: dict[str, Any], required: set[str], named: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An optional field is left out where it would be null: producers publish no nulls."""
    fields = {name: values(schema, named) for name, schema in properties.items()}
    whole = st.fixed_dictionaries({name: fields[name] for name in fields if name in required},
                                  optional={name: fields[name] for name in fields if name not in required})  # fmt: skip
    return whole.map(lambda found: {name: value for name, value in found.items() if value is not None})


def texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 254)
    if schema.get("format") == "date-time":
        return TIMES.map(format_time)
    if pattern := schema.get("pattern"):
        return formed(pattern, shortest, longest)
    return st.text(st.characters(codec="utf-8"), min_size=shortest, max_size=longest)


def formed(pattern: str, shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Texts of a pattern. Most are a class of characters, repeated: those are drawn without looking for what fits."""
    if repeated := REPEATED.fullmatch(pattern):
        one = re.compile(f"[{repeated[1]}]")
        return st.text([each for each in ASCII if one.fullmatch(each)], min_size=max(1, shortest), max_size=longest)
    return st.from_regex(pattern, fullmatch=True).filter(lambda text: shortest <= len(text) <= longest)


def to_the_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def about(event: Event[D], **changes: Any) -> Event[D]:
    """The same event with other data, `order_id="ord_2"` for example, and the id that follows from it."""
    plain = event.model_dump(mode="json", exclude_none=True)
    changed = type(event.data).model_validate({**plain["data"], **changes})
    detail = {"metadata": {**plain["metadata"], "event_id": changed.event_id()}, "data": {**plain["data"], **changes}}
    known: Event[D] = parse_detail(event.type, detail)  # type: ignore[assignment]
    return known
