"""What events of one type can look like: for each path what may stand there, read from the event's JSON Schema.

Schemas are taken as closed: a field that the schema does not have is not published, and one without a value is left
out. `source` is the type's, and the envelope is as EventBridge fills it. Fields are taken to vary independently of each
other.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any

import jsonschema_rs

from eventbridge_rules.house import REPLAY_NAME, EventType, House
from eventbridge_rules.intervals import intervals
from eventbridge_rules.languages import ANYTHING, LAST, characters, either, repeat, word
from eventbridge_rules.leaves import Leaves, leaves_of
from eventbridge_rules.pointers import json_pointer, resolved
from eventbridge_rules.regexes import Unread, language_of
from eventbridge_rules.values import ABSENT, ANY_LEAF, NO_LEAF, Domain, Values

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DATE = (
    "(?:2[0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))|2(?:[0-9](?:0[48]|[2468][048]|[13579][26])|[048]00)-02-29)"
)
_TIME = f"^{_DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
"""Of this millennium; the days of each month as they are, leap years too."""

ENVELOPE: Mapping[str, tuple[str, str]] = {
    "version": ("^0$", "0"),
    "id": (f"^{_UUID}$", "6a7e8feb-b491-4cf7-a9f1-bf3703467718"),
    "account": ("^[0-9]{12}$", "123456789012"),
    "time": (_TIME, "2026-11-20T09:30:00Z"),
    "region": ("^[a-z]{2,3}(?:-[a-z]+)+-[0-9]$", "eu-west-1"),
}
"""What EventBridge puts around a detail (user guide, "Event structure"): the form of each field, and an example.
`resources` is an empty array."""

_REPLAY_NAME = "^[A-Za-z0-9._-]+$"


LONGEST_FORM = 60
"""Characters of a regular expression that people are shown."""


class Undescribed(ValueError):
    """A schema that says something about a field that is not read here."""


@dataclass(frozen=True)
class Shape:
    """One event type, or one major version of it. `example` is a whole event, as a rule hears it; `objects` are the
    paths of objects and of arrays of them, `arrays` of arrays of whatever."""

    detail_type: str
    source: str
    major: int | None
    schema: Mapping[str, Any]
    example: Mapping[str, Any]
    fields: Mapping[str, Domain]
    objects: frozenset[str]
    arrays: frozenset[str]
    house: House

    @property
    def name(self) -> str:
        return self.detail_type if self.major is None else f"{self.detail_type} v{self.major}"

    def domain(self, path: str) -> Domain:
        """What may stand at any path; nothing, where the event has no such field."""
        return self.fields.get(path, _NO_FIELD)

    def allows(self, detail: Any) -> bool:
        """Whether the schema does."""
        return bool(self._validator.is_valid(detail))

    def fault(self, detail: Any) -> str | None:
        """The first thing that the schema does not allow, with its place in the event."""
        error = next(self._validator.iter_errors(detail), None)
        return error and f"{json_pointer(('detail', *error.instance_path))}: {error.message}"

    @cached_property
    def _validator(self) -> Any:
        return jsonschema_rs.validator_for(dict(self.schema))

    def usual(self, path: str) -> Any:
        """What the example has at a path; ABSENT without one."""
        found = self._leaves.get(path)
        return found[0].value if found else ABSENT

    @cached_property
    def _leaves(self) -> Leaves:
        return leaves_of(self.example)

    @cached_property
    def live(self) -> "Shape":
        """The events that have no mark."""
        return self._with(dict.fromkeys(self.house.mark_paths, _NO_FIELD))

    @cached_property
    def marked(self) -> Mapping[str, "Shape"]:
        """For each mark, the events that have it."""
        there = {mark: self.fields[mark] for mark in self.house.mark_paths if mark in self.fields}
        return {
            mark: self._with({mark: replace(domain, values=domain.values._replace(absent=False))})
            for mark, domain in there.items()
        }

    def _with(self, fields: Mapping[str, Domain]) -> "Shape":
        return replace(self, fields={**self.fields, **fields})


_NO_FIELD = Domain(NO_LEAF)


def shape_of(kind: EventType, house: House | None = None) -> Shape:
    """What events of this type can look like."""
    walk = _Walk(kind.schema)
    fields = dict(chain(_envelope(kind.detail_type, kind.source), walk.object(kind.schema, "detail", False, True)))
    fields |= {path: _one_of(*texts) for path, texts in kind.fixed.items()}
    envelope = {name: usual for name, (_, usual) in ENVELOPE.items()}
    head = {"source": kind.source, "resources": [], "detail-type": kind.detail_type}
    return Shape(
        detail_type=kind.detail_type,
        source=kind.source,
        major=kind.version and kind.version[0],
        schema=kind.schema,
        example={**envelope, **head, "detail": kind.example},
        fields=fields,
        objects=frozenset(walk.objects),
        arrays=frozenset(walk.arrays),
        house=house or House(),
    )


def house_of(shapes: Sequence[Shape]) -> House:
    """What these types of events keep to, all of them the same."""
    return shapes[0].house if shapes else House()


def _envelope(detail_type: str, source: str) -> Iterator[tuple[str, Domain]]:
    for name, (form, _) in ENVELOPE.items():
        yield name, _texts(form, name="date-time" if form == _TIME else None)
    yield "source", _one_of(source)
    yield "detail-type", _one_of(detail_type)
    replay = _texts(_REPLAY_NAME, 1, 64)
    yield REPLAY_NAME, replace(replay, values=replay.values._replace(absent=True))


def _one_of(*texts: str) -> Domain:
    return _constants(list(texts))


class _Walk:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self.objects: set[str] = set()
        self.arrays: set[str] = set()

    def object(self, node: Mapping[str, Any], path: str, many: bool, there: bool) -> Iterator[tuple[str, Domain]]:
        self.objects.add(path)
        required = node.get("required", ())
        for name, value in node["properties"].items():
            yield from self._field(value, f"{path}.{name}", many, there and name in required)

    def _field(self, node: Mapping[str, Any], path: str, many: bool, there: bool) -> Iterator[tuple[str, Domain]]:
        node = resolved(node, self._schema)
        match node.get("type"):
            case "object" if "properties" in node:
                yield from self.object(node, path, many, there)
            case "array" if "items" in node:
                self.arrays.add(path)
                yield from self._field(node["items"], path, True, there and node.get("minItems", 0) > 0)
            case _:
                yield path, replace(_leaf(node, not there), many=many)


_MENTIONED = frozenset({"title", "description", "default", "examples", "format", "type"})
"""Keywords that narrow nothing here. A `format` is taken to stand beside a `pattern` that says the same."""


def _leaf(node: Mapping[str, Any], may_lack: bool) -> Domain:
    try:
        domain = leaf(node)
    except (Undescribed, Unread):
        domain = Domain(ANY_LEAF, "described in a way that is not understood here", described=False)
    return replace(domain, values=domain.values._replace(absent=may_lack))


def leaf(node: Mapping[str, Any]) -> Domain:
    """What a schema without properties allows. Raises Undescribed, Unread."""
    said = {key for key in node if not key.startswith("x-")} - _MENTIONED
    if "const" in node or "enum" in node:
        return _constants(node.get("enum", [node.get("const")]))
    match node.get("type"):
        case "string" if said <= {"pattern", "minLength", "maxLength"}:
            return _texts(node.get("pattern"), node.get("minLength", 0), node.get("maxLength"), node.get("format"))
        case "boolean" if not said:
            return Domain(Values(constants=frozenset({"true", "false"})), "true or false")
        case "integer" | "number" if said <= {"minimum", "maximum", "multipleOf"}:
            return _numbers(node)
    raise Undescribed(str(sorted(said)))


def _texts(form: str | None, least: int = 0, most: int | None = None, name: str | None = None) -> Domain:
    texts = language_of(form) if form else ANYTHING
    if least:
        texts &= repeat(characters([(0, LAST)]), least, None)
    said = [f"of the form {name or _cut(form)}"] if form else []
    said += [f"of {least} to {most} characters" if least else f"of at most {most} characters"] if most else []
    return Domain(Values(texts=texts), " ".join(["a text", *said]), longest=most)


def _cut(form: str) -> str:
    return form if len(form) <= LONGEST_FORM else f"{form[:LONGEST_FORM]}..."


def _constants(values: list[Any]) -> Domain:
    texts = [value for value in values if isinstance(value, str)]
    constants = [json.dumps(value) for value in values if isinstance(value, bool)]
    if len(texts) + len(constants) != len(values):
        raise Undescribed(f"one of {values}")
    named = [*(json.dumps(text, ensure_ascii=False) for text in texts), *constants]
    words = f"one of {', '.join(named)}" if len(named) > 1 else f"always {named[0]}"
    return Domain(Values(constants=frozenset(constants), texts=either(map(word, texts))), words, choices=tuple(texts))


def _numbers(node: Mapping[str, Any]) -> Domain:
    whole = node["type"] == "integer"
    if not {"minimum", "maximum"} <= node.keys() or not (whole or "multipleOf" in node):
        raise Undescribed("numbers without bounds or of any precision")
    unit, low, high = (Decimal(repr(node.get(key, 1))) for key in ("multipleOf", "minimum", "maximum"))
    words = f"a {'whole ' * whole}number from {low} to {high}{'' if whole else f' in steps of {unit}'}"
    return Domain(Values(numbers=intervals([(-int(-low // unit), int(high // unit))])), words, unit)
