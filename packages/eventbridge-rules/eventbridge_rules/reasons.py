"""Says why a rule hears nothing: which condition, at its place in the pattern, and what to write instead."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from typing import Any

from eventbridge_rules.conditions import AnythingBut, Exact, Exists
from eventbridge_rules.grammar import OR, Alternative, Field, Pattern
from eventbridge_rules.languages import TooHard
from eventbridge_rules.leaves import as_json
from eventbridge_rules.reading import write_json
from eventbridge_rules.selecting import is_selected
from eventbridge_rules.shapes import Shape, house_of
from eventbridge_rules.solve import possible
from eventbridge_rules.spelling import cut, nearest
from eventbridge_rules.values import Domain, is_in, members

LONGEST_SHOWN = 80
"""Characters of what a pattern says that are shown."""

MOST_DIGITS = 28
"""Of a number that is proposed."""

LOOKED_AT = 20
"""Alternatives among which a reason is looked for."""


@dataclass(frozen=True)
class Reason:
    """`path` is a JSON pointer into the pattern."""

    text: str
    path: str


def why_never(pattern: Pattern, shapes: Sequence[Shape]) -> Reason:
    """Why no event of these types is heard, by the alternative that comes nearest. Only for a rule that hears none."""
    looked_at = pattern.alternatives[:LOOKED_AT]
    tried = [(alternative, shape) for alternative in looked_at for shape in _open_to(alternative, shapes)]
    if not tried:
        return why_unselected(looked_at[0], shapes)
    bars = [(*first_bar(alternative, shape), shape) for alternative, shape in tried]
    _, field, shape = max(bars, key=lambda bar: (bar[0], likeness(bar[1].path, bar[2].fields)))
    return Reason(why_barred(field, shape, shapes), field.pointer)


def likeness(path: str, paths: Collection[str]) -> float:
    """How similar the path is to one of `paths`, from 0 to 1 (it is one of them)."""
    near = path if path in paths else closest(path, paths)
    return SequenceMatcher(None, path, near).ratio() if near else 0


def _open_to(alternative: Alternative, shapes: Sequence[Shape]) -> list[Shape]:
    return [shape for shape in shapes if is_selected(alternative, shape)]


def first_bar(alternative: Alternative, shape: Shape) -> tuple[int, Field]:
    """The first field that no event of the type can meet, and how many come before it."""
    for index, (path, values) in enumerate(possible([alternative], shape)[0].items()):
        if is_barred(shape.domain(path), values):
            return index, alternative[path]
    raise LookupError


def is_barred(domain: Domain, values: Any) -> bool:
    try:
        return domain.has_none(values)
    except TooHard:
        return False


def why_unselected(alternative: Alternative, shapes: Sequence[Shape]) -> Reason:
    """Why source, detail-type and version together choose no type of event."""
    left, selecting = shapes, house_of(shapes).selecting
    for path in sorted(set(selecting) & alternative.keys(), key=("detail-type", *selecting).index):
        field = alternative[path]
        passing = [shape for shape in left if is_selected({path: field}, shape)]
        if not passing:
            return Reason(_unselected(field, left, shapes), field.pointer)
        left = passing
    raise LookupError


def _unselected(field: Field, left: Sequence[Shape], shapes: Sequence[Shape]) -> str:
    asked = shown(field)
    if field.path == "detail-type":
        return f"nobody publishes {asked}{did_you_mean(field, {shape.detail_type for shape in shapes})}"
    if field.path == "source" and len(left) == len(shapes):
        return f"nobody publishes as {asked}{did_you_mean(field, {shape.source for shape in shapes})}"
    names = ", ".join(shape.detail_type for shape in left[:3]) + (" and others" if len(left) > 3 else "")
    if field.path == "source":
        return f"{names}: published by {', '.join(sorted({shape.source for shape in left}))}, not by {asked}"
    if hint := next((hint for shape in left if (hint := _as_text(field, shape.domain(field.path)))), ""):
        return f"{names}: {hint}"
    versions = sorted({shape.domain(field.path).words for shape in left})
    return f"{names}: the version is {', '.join(versions)}, and {asked} matches no such value"


def why_barred(field: Field, shape: Shape, shapes: Sequence[Shape]) -> str:
    """Why no event of this type has at the field's path what is asked there."""
    domain = shape.domain(field.path)
    if domain.never:
        return _no_such_field(field, shape, shapes)
    if all(condition == Exists(False) for condition in field.conditions):
        return f"every {shape.detail_type} has {field.path}"
    return f"{field.path} is {domain.words}, and {shown(field)} matches no such value{_instead(field, domain)}"


def _no_such_field(field: Field, shape: Shape, shapes: Sequence[Shape]) -> str:
    path = field.path
    if path in shape.objects:
        inner = sorted(
            {each[len(path) + 1 :].partition(".")[0] for each in shape.fields if each.startswith(f"{path}.")}
        )
        what = "a list of objects" if path in shape.arrays else "an object"
        return f"{path} is {what}, and conditions are about fields with a value: {', '.join(inner)}"
    for leaf in shape.fields:
        if path.startswith(f"{leaf}."):
            return f"{leaf} is {shape.domain(leaf).words} and has no fields"
    if path == "resources":
        return "resources is always empty"
    if OR in path.split("."):
        return f"no event has a field {path}; to mean alternatives, $or must be a list of two or more objects"
    said = f"{shape.detail_type} has no field {path}" if path.startswith("detail.") else f"no event has a field {path}"
    if there := sorted({each.detail_type for each in shapes if path in each.fields}):
        return f"{said}, as {', '.join(there)} {'has' if len(there) == 1 else 'have'}"
    near = closest(path, shape.fields)
    return f"{said}; did you mean {near}?" if near else said


def closest(path: str, paths: Iterable[str]) -> str | None:
    """The path that a misspelt one is most like, or one that ends like it."""
    known = list(paths)
    if near := nearest(path, known, 0.8):
        return near
    names = {each.rpartition(".")[2]: each for each in known}
    last = nearest(path.rpartition(".")[2], names, 0.75)
    return names[last] if last else None


def _instead(field: Field, domain: Domain) -> str:
    """What would be accepted, where that is easily seen."""
    for value in (condition.value for condition in field.conditions if isinstance(condition, Exact)):
        for other in _others(value):
            if _fits(other, domain):
                return f"; write {json.dumps(as_json(other))}"
        if value is None and domain.values.absent:
            return '; a field without a value is left out: {"exists": false}'
    if any(isinstance(condition, AnythingBut) for condition in field.conditions):
        return ""
    return did_you_mean(field, domain.choices)


def _as_text(field: Field, domain: Domain) -> str:
    """What is wrong with a version that is written as a number; empty if that is not what is wrong."""
    for value in (condition.value for condition in field.conditions if isinstance(condition, Exact)):
        for other in _others(value) if isinstance(value, Decimal) else ():
            if _fits(other, domain):
                return f"{value} is a number here, and the version is a text: write {json.dumps(other)}"
    return ""


def _others(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield from (value.lower(), value.upper(), value.strip())
        yield {"true": True, "false": False}.get(value, value)
        with suppress(InvalidOperation):
            yield from _usual_size(Decimal(value))
    elif isinstance(value, bool):
        yield json.dumps(value)
    elif isinstance(value, Decimal):
        for number in _usual_size(value):
            yield from (format(number.normalize(), "f"), str(number))


def _usual_size(number: Decimal) -> Iterator[Decimal]:
    """The number, unless nobody would write it out: 1e999999 has a million digits."""
    if number.is_finite() and abs(number.adjusted()) + len(number.as_tuple().digits) <= MOST_DIGITS:
        yield number


def _fits(value: Any, domain: Domain) -> bool:
    if isinstance(value, str):
        return is_in(domain.values.texts, value) and (domain.longest is None or len(value) <= domain.longest)
    if isinstance(value, bool):
        return json.dumps(value) in domain.values.constants
    return value in members(domain.values, domain.unit)


def did_you_mean(field: Field, known: Iterable[str]) -> str:
    texts = list(_texts(field.written))
    names = sorted(known)
    near = [match for value in texts if (match := nearest(value, names, 0.6))]
    return f"; did you mean {near[0]}?" if near else ""


def _texts(written: Any) -> Iterator[str]:
    if isinstance(written, str):
        yield written
    elif isinstance(written, Mapping):
        yield from (text for value in written.values() for text in _texts(value))
    elif isinstance(written, list | tuple):
        yield from (text for value in written for text in _texts(value))


def shown(field: Field) -> str:
    """What the pattern says there, as JSON, without the brackets if it is one condition."""
    written = field.written[0] if len(field.written) == 1 else list(field.written)
    text = write_json(written, (", ", ": "))
    return cut(text, LONGEST_SHOWN)
