"""Rebuilds events from the backup's lines, and decides whether a rule would have heard them. Pure.

A line has no secrets, pseudonyms for personal fields, and of EventBridge's envelope only what follows from the
contract. A condition on such a field is decided if every event of the type meets it, or none does. Otherwise it is left
open, and with it perhaps whether the rule would have heard the event.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventbridge_rules.grammar import Alternative, Field, Pattern
from eventbridge_rules.languages import TooHard
from eventbridge_rules.leaves import Leaves, leaves_of
from eventbridge_rules.match import hears
from eventbridge_rules.shapes import ENVELOPE, Shape
from eventbridge_rules.values import Domain
from eventbridge_rules.witness import Event

from consumers.decisions.backup_lines import LINE
from orderwire.console.problem import Problem
from orderwire.contracts.published import MARKS
from schemas.envelope import Metadata
from schemas.types import format_time

COLUMNS = ("type", "data", *(name for name in Metadata.model_fields if name in LINE))
"""Columns of a line that an event is made of again."""

KIND = ("producer", "type", "version")
"""Columns that say what kind of event a line is. Here source and producer are the same."""

LOST_ENVELOPE = ENVELOPE.keys() - {"version"}
LOST_METADATA = {f"detail.metadata.{name}" for name in Metadata.model_fields if name not in LINE} - set(MARKS)
"""Replays and smoke orders are not in the backup, so their marks are known: no event there has one."""

Line = Mapping[str, Any]

NOT_HEARD = None
Answer = tuple[Field, ...] | None
"""The conditions on which it depends whether a rule heard an event: none if it did. NOT_HEARD if it did not."""


def event_of(line: Line, hidden: frozenset[str]) -> Event:
    """The event as EventBridge delivered it, without the `hidden` fields and what else the line has nothing of."""
    metadata = {name: _text(line[name]) for name in Metadata.model_fields if name in LINE}
    around = envelope(line["producer"], line["type"])
    return {
        **around,
        "detail": {"metadata": metadata, "data": _without(json.loads(line["data"]), "detail.data", hidden)},
    }


def envelope(source: str, detail_type: str) -> Event:
    return {"version": "0", "detail-type": detail_type, "source": source, "resources": []}


def _text(value: Any) -> Any:
    """What a query's answer takes for a time, back in its one form."""
    return format_time(value) if isinstance(value, datetime) else value


def _without(node: Any, path: str, hidden: frozenset[str]) -> Any:
    if isinstance(node, list):
        return [_without(each, path, hidden) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: f"{path}.{name}" for name in node if f"{path}.{name}" not in hidden}
    return {name: _without(node[name], place, hidden) for name, place in kept.items()}


def hidden_fields(shape: Shape) -> frozenset[str]:
    """Paths of the fields that the backup does not have in the clear."""
    return frozenset(LOST_ENVELOPE | LOST_METADATA | set(_personal(shape.schema, shape.schema, "detail")))


def _personal(node: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """Paths of the fields that the schema marks as personal; secrets are marked so too."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    for inner in (*node.get("anyOf", ()), *([node["items"]] if "items" in node else ())):
        yield from _personal(inner, schema, path)
    for name, value in node.get("properties", {}).items():
        if value.get("x-personal"):
            yield f"{path}.{name}"
        else:
            yield from _personal(value, schema, f"{path}.{name}")


@dataclass(frozen=True)
class Branch:
    """An alternative of a pattern: what the backup can decide of it, and the conditions that it leaves open."""

    known: Alternative
    open: tuple[Field, ...]


@dataclass(frozen=True)
class Ear:
    """A rule's pattern as far as the backup can decide it, for one type of event with these `hidden` fields."""

    branches: tuple[Branch, ...]
    hidden: frozenset[str]

    def answer(self, event: Event) -> Answer:
        leaves = leaves_of(event)
        met = [branch for branch in self.branches if hears(branch.known, leaves)]
        if not met:
            return NOT_HEARD
        return () if any(not branch.open for branch in met) else tuple(field for branch in met for field in branch.open)


def ear(pattern: Pattern, shape: Shape) -> Ear:
    hidden = hidden_fields(shape)
    found = (branch(alternative, shape, hidden) for alternative in pattern.alternatives)
    return Ear(tuple(each for each in found if each), hidden)


def branch(alternative: Alternative, shape: Shape, hidden: frozenset[str]) -> Branch | None:
    """None if no event of the type meets it."""
    unseen = [field for field in alternative.values() if is_hidden(field.path, hidden)]
    if any(shape.domain(field.path).many for field in unseen):
        # A hidden field chooses the element of the list in which `exists: false` looks for another.
        unseen += [field for field in alternative.values() if field.wants_absence and field not in unseen]
    met = {field.path: always(field, shape.domain(field.path)) for field in unseen}
    if False in met.values():
        return None
    known = {path: field for path, field in alternative.items() if path not in met}
    return Branch(known, tuple(field for field in unseen if met[field.path] is None))


def is_hidden(path: str, hidden: frozenset[str]) -> bool:
    return any(path == each or path.startswith(f"{each}.") for each in hidden)


def always(field: Field, domain: Domain) -> bool | None:
    """Whether every event meets what is asked here (True), or none does (False); None if some do, or it is unknown."""
    try:
        if domain.has_none(domain.possible(field.conditions)):
            return False
        return True if domain.has_none(domain.values & ~domain.certain(field.conditions)) else None
    except TooHard:
        return None


def asked_for(pattern: Pattern, kind: Line) -> bool:
    """Whether some alternative is open to events of this kind, going by their source, detail-type and version."""
    leaves = kind_leaves(kind)
    chosen = ({path: field for path, field in each.items() if path in leaves} for each in pattern.alternatives)
    return any(hears(alternative, leaves) for alternative in chosen)


def kind_leaves(kind: Line) -> Leaves:
    metadata = {"producer": kind["producer"], "version": kind["version"]}
    return leaves_of({**envelope(kind["producer"], kind["type"]), "detail": {"metadata": metadata}})


def shape_of_kind(kind: Line, shapes: Sequence[Shape]) -> Shape:
    """Raises Problem for a kind that is not known here: nobody could say what of it is personal."""
    for shape in shapes:
        if shape.detail_type == kind["type"] and kind["version"] in shape.domain("detail.metadata.version").choices:
            return shape
    raise Problem(
        f"The backup has {kind['type']} in version {kind['version']}, which the schemas here do not have. "
        "Preview with the release that published it."
    )
