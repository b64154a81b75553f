"""What changed between two sets of contracts, and for whom that is safe. Pure.

Three audiences meet a change. A reader that was built on the old schema meets new events: what it knows must still be
there, and nothing it would refuse. A rule that was written for the old events meets new ones: what it asks for must
still come. And the new release meets what the old one left in queues, dead-letter queues and the archive. So within a
major a field can only be added, and only as one that may be missing; anything else is safe for some and breaks others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from orderwire.contracts.contracts import Contract, Contracts, Schema
from orderwire.contracts.covers import Coverage, covers
from orderwire.contracts.words import differences, kind, spoken

COMPATIBLE, UNKNOWN, BREAKING = Coverage.COMPATIBLE, Coverage.UNKNOWN, Coverage.BREAKING

EACH = "*"
"""Stands for any element of an array in the pointer of a change."""

Heard = Callable[[Contract], Sequence[str]]
"""Names of those that hear a contract."""


@dataclass(frozen=True)
class SchemaChange:
    """`pointer` is the place in the event's detail, empty for the event as a whole; `*` in it is any element of a list.

    `stored` is about events that were published before: in queues, dead-letter queues and the archive.
    """

    event: str
    major: int
    pointer: str
    change: str
    readers: Coverage
    rules: Coverage
    stored: Coverage
    why: str

    @property
    def verdict(self) -> Coverage:
        return worst([self.readers, self.rules, self.stored])


def worst(verdicts: Sequence[Coverage]) -> Coverage:
    return max(verdicts, key=[COMPATIBLE, UNKNOWN, BREAKING].index, default=COMPATIBLE)


@dataclass(frozen=True)
class SchemaPlace:
    """Where a change is. `path` has the names of fields, and `*` for the elements of a list."""

    contract: Contract
    path: tuple[str, ...] = ()

    def __truediv__(self, name: str) -> "SchemaPlace":
        return replace(self, path=(*self.path, name))

    @property
    def field(self) -> str:
        return next((name for name in reversed(self.path) if name != EACH), "detail")

    def change(self, what: str, readers: Coverage, rules: Coverage, stored: Coverage, why: str) -> SchemaChange:
        pointer = "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in self.path)
        return SchemaChange(self.contract.detail_type, self.contract.major, pointer, what, readers, rules, stored, why)


def nobody(_: Contract) -> Sequence[str]:
    return ()


def diff(old: Contracts, new: Contracts, heard: Heard = nobody) -> list[SchemaChange]:
    """Every change, in the order of the events. `heard` says who hears a contract that is no longer there."""
    return [change for key in sorted({*old, *new}) for change in of_event(old.get(key), new.get(key), old, new, heard)]


def of_event(
    before: Contract | None, after: Contract | None, old: Contracts, new: Contracts, heard: Heard
) -> Iterator[SchemaChange]:
    if before is None and after is not None:
        yield added_event(after, old)
    elif after is None and before is not None:
        yield dropped_event(before, new, heard(before))
    elif before is not None and after is not None:
        yield from of_source(before, after)
        yield from of_schema(before.detail, after.detail, SchemaPlace(after))


def kept_versions(old: Contracts, new: Contracts, changes: Sequence[SchemaChange]) -> list[SchemaChange]:
    """The contracts that changed, in a way that is safe by itself, and are of the version that they were."""
    harmed = {(each.event, each.major) for each in changes if each.verdict != COMPATIBLE}
    changed = {(each.event, each.major) for each in changes} - harmed
    both = sorted(changed & old.keys() & new.keys())
    return [kept_version(old[key], new[key]) for key in both if number(new[key].version) <= number(old[key].version)]


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def kept_version(before: Contract, after: Contract) -> SchemaChange:
    """Who reads an event tells by its version what it may have, so two contracts have not the same."""
    major, minor = number(before.version)
    why = (
        f"{after.detail_type} was {before.version} already and has changed: say "
        f'version="{major}.{minor + 1}" in its class statement in schemas/events.py.'
    )
    return SchemaPlace(after).change("kept its version", BREAKING, COMPATIBLE, BREAKING, why)


def added_event(contract: Contract, old: Contracts) -> SchemaChange:
    majors = [major for detail_type, major in old if detail_type == contract.detail_type]
    why = f"published beside v{max(majors)}, which stays" if majors else "nobody can have heard it before"
    return SchemaPlace(contract).change("added", COMPATIBLE, COMPATIBLE, COMPATIBLE, f"{contract.label} is new, {why}.")


def dropped_event(contract: Contract, new: Contracts, heard_by: Sequence[str]) -> SchemaChange:
    verdict = BREAKING if heard_by else COMPATIBLE
    audience = f"still heard by {', '.join(heard_by)}" if heard_by else "nothing that is declared hears it by name"
    why = f"{contract.label} is no longer published; {audience}.{renamed_event(contract, new)}"
    return SchemaPlace(contract).change("removed", verdict, verdict, verdict, why)


def renamed_event(contract: Contract, new: Contracts) -> str:
    twins = [each.detail_type for each in new.values() if each.detail["properties"].get("data") == data_of(contract)]
    twins = [each for each in twins if each != contract.detail_type]
    close = get_close_matches(contract.detail_type, twins, 1, 0)
    return f" It may have been renamed to {close[0]}, which has the same data." if close else ""


def data_of(contract: Contract) -> Any:
    return contract.detail["properties"].get("data")


def of_source(before: Contract, after: Contract) -> Iterator[SchemaChange]:
    if before.source != after.source:
        why = (
            f"Its source was {before.source} and is {after.source}: rules name the old one, and parsers refuse the new."
        )
        yield SchemaPlace(after).change("source changed", BREAKING, BREAKING, BREAKING, why)


def of_schema(old: Schema, new: Schema, place: SchemaPlace) -> Iterator[SchemaChange]:
    """What changed at a place that both sides have."""
    if old == new:
        return
    (old, was_null), (new, is_null) = without_null(old), without_null(new)
    if was_null != is_null:
        yield of_null(is_null, place)
    if kind(old) != kind(new):
        yield of_kind(old, new, place)
    elif is_object(old) and is_object(new):
        yield from of_fields(old, new, place)
    elif is_array(old) and is_array(new):
        yield from of_values({**old, "items": True}, {**new, "items": True}, place)
        yield from of_schema(old["items"], new["items"], place / EACH)
    else:
        yield from of_values(old, new, place)


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """The schema of what is not null, and whether null is accepted besides, where that can be told apart."""
    options = schema.get("anyOf")
    if schema.keys() == {"anyOf"} and isinstance(options, list) and {"type": "null"} in options:
        rest = [each for each in options if each != {"type": "null"}]
        return (rest[0] if len(rest) == 1 else {"anyOf": rest}), True
    if isinstance(schema.get("type"), list) and "null" in schema["type"] and not {"enum", "const"} & schema.keys():
        types = [each for each in schema["type"] if each != "null"]
        return {**schema, "type": types[0] if len(types) == 1 else types}, True
    return schema, False


def of_null(is_null: bool, place: SchemaPlace) -> SchemaChange:
    if is_null:
        why = f"{place.field} may be null now, which readers of the old schema refuse."
        return place.change("may be null", BREAKING, COMPATIBLE, COMPATIBLE, why)
    why = f"{place.field} is never null any more: a rule that waits for null goes silent, and stored events have it."
    return place.change("never null", COMPATIBLE, BREAKING, BREAKING, why)


def of_kind(old: Schema, new: Schema, place: SchemaPlace) -> SchemaChange:
    """An object, a list, or a single value became another of these."""
    why = f"{place.field} was {spoken(old)} and is {spoken(new)}: neither readers nor rules find what they expect."
    return place.change("type changed", BREAKING, BREAKING, BREAKING, why)


def is_object(schema: Schema) -> bool:
    """Whether fields are all that the schema says, so that they can be compared one by one."""
    return schema.get("type") == "object" and schema.keys() <= {"type", "properties", "required"}


def is_array(schema: Schema) -> bool:
    return schema.get("type") == "array" and "items" in schema and not {"prefixItems", "contains"} & schema.keys()


def of_fields(old: Schema, new: Schema, place: SchemaPlace) -> Iterator[SchemaChange]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            yield removed(name, name in old.get("required", ()), schema, added_in(before, after), place / name)
        else:
            yield from of_presence(name in old.get("required", ()), name in new.get("required", ()), place / name)
            yield from of_schema(schema, after[name], place / name)
    for name in added_in(before, after):
        yield added(name in new.get("required", ()), place / name)


def added_in(before: Mapping[str, Schema], after: Mapping[str, Schema]) -> dict[str, Schema]:
    return {name: schema for name, schema in after.items() if name not in before}


def removed(
    name: str, required: bool, schema: Schema, candidates: Mapping[str, Schema], place: SchemaPlace
) -> SchemaChange:
    twins = [each for each, candidate in candidates.items() if candidate == schema]
    close = get_close_matches(name, twins, 1, 0)
    why = f"Readers that need {name} fail and rules that ask for it go silent."
    if close:
        renamed = f"{name} seems to be called {close[0]} now. {why}"
        return place.change("renamed", BREAKING, BREAKING, COMPATIBLE, renamed)
    told = why if required else f"It never comes any more: rules that ask for {name} go silent."
    return place.change("removed", BREAKING, BREAKING, COMPATIBLE, told)


def added(required: bool, place: SchemaPlace) -> SchemaChange:
    if not required:
        why = "Readers ignore what they do not know."
        return place.change("added", COMPATIBLE, COMPATIBLE, COMPATIBLE, why)
    why = (
        f"Events in queues, dead-letter queues and the archive have no {place.field}: the new release refuses them. "
        "Add it as a field that may be missing."
    )
    return place.change("added as required", COMPATIBLE, COMPATIBLE, BREAKING, why)


def of_presence(was_required: bool, is_required: bool, place: SchemaPlace) -> Iterator[SchemaChange]:
    if was_required and not is_required:
        why = f"{place.field} may be missing now: readers that need it fail, and rules that ask for it may not match."
        yield place.change("may be missing", BREAKING, BREAKING, COMPATIBLE, why)
    elif is_required and not was_required:
        why = (
            f"{place.field} is always there now: a rule that waits for its absence goes silent, stored events lack it."
        )
        yield place.change("always there", COMPATIBLE, BREAKING, BREAKING, why)


def of_values(old: Schema, new: Schema, place: SchemaPlace) -> Iterator[SchemaChange]:
    """What single values may be; of a list, how many there may be."""
    if old == new:
        return
    readers, others = covers(old, new), covers(new, old)
    if readers == others == COMPATIBLE:
        return  # the same values in other words
    yield place.change(of_extent(readers, others), readers, others, others, reason(old, new, readers, others, place))


def of_extent(readers: Coverage, others: Coverage) -> str:
    if others == COMPATIBLE:
        return "widened" if readers == BREAKING else "may be wider"
    if readers == COMPATIBLE:
        return "narrowed" if others == BREAKING else "may be narrower"
    return "values changed"


def reason(old: Schema, new: Schema, readers: Coverage, others: Coverage, place: SchemaPlace) -> str:
    told = [f"{place.field}: {differences(old, new)}."]
    if readers == BREAKING:
        told.append("Readers of the old schema refuse some new values.")
    if others == BREAKING:
        told.append("Values that rules may wait for no longer come, and stored events may have them.")
    if UNKNOWN in (readers, others):
        told.append("Whether all values of one are values of the other cannot be decided: somebody has to look.")
    return " ".join(told)
