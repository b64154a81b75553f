"""Warnings about valid rules: what they probably hear unintentionally, and conditions that never have an effect."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from eventbridge_rules.conditions import Exact
from eventbridge_rules.decide import Judgement
from eventbridge_rules.faults import engine_faults, fields
from eventbridge_rules.grammar import Field, Pattern
from eventbridge_rules.house import House, condition_at
from eventbridge_rules.languages import TooHard
from eventbridge_rules.reasons import LOOKED_AT, Reason, is_barred, shown, why_never
from eventbridge_rules.selecting import is_deaf
from eventbridge_rules.shapes import Shape, house_of
from eventbridge_rules.solve import certain, is_empty
from eventbridge_rules.values import members


def cautions(judgement: Judgement, shapes: Sequence[Shape]) -> list[Reason]:
    """For a rule that hears something."""
    house = house_of(shapes)
    found = [*_width(judgement, shapes), *_marks(judgement, house), *_versions(judgement, house),
             *_sources(judgement.pattern), *_replaced(judgement.pattern), *_written_numbers(judgement),
             *_deaf_types(judgement), *_deaf_branches(judgement, shapes), *_deaf_conditions(judgement, shapes),
             *engine_faults(judgement)]  # fmt: skip
    return list(dict.fromkeys(found))


def _width(judgement: Judgement, shapes: Sequence[Shape]) -> Iterator[Reason]:
    if len(judgement.hearings) == len(shapes) and judgement.state == "always":
        yield Reason("hears every event, and those of every type to come", "")


def _marks(judgement: Judgement, house: House) -> Iterator[Reason]:
    for mark in house.marks:
        meant = any(mark.path in alternative for alternative in judgement.pattern.alternatives)
        if not meant and any(_is_heard(judgement.pattern, hearing.shape, mark.path) for hearing in judgement.hearings):
            yield Reason(mark.caution, "")


def _is_heard(pattern: Pattern, shape: Shape, mark: str) -> bool:
    """Whether a rule hears some event of the type that has this mark."""
    marked = shape.marked.get(mark)
    try:
        return marked is not None and not all(is_empty(box, marked) for box in certain(pattern.alternatives, marked))
    except TooHard:
        return False


def _versions(judgement: Judgement, house: House) -> Iterator[Reason]:
    version, pattern = house.version, judgement.pattern
    if version is None:
        return
    if any(version not in alternative for alternative in pattern.alternatives):
        example = condition_at(version, [{"prefix": "1."}])
        yield Reason(f"hears every major version, twice the same while two are published; to hear one: {example}", "")
    for field in fields(pattern, version):
        if any(isinstance(condition, Exact) for condition in field.conditions):
            yield Reason('stops at the next minor version, which only adds; write {"prefix": "1."}', field.pointer)
    heard = [hearing.shape for hearing in judgement.hearings if hearing.state != "never"]
    for name in sorted({shape.detail_type for shape in heard}):
        majors = sorted(shape.major or 0 for shape in heard if shape.detail_type == name)
        if len(majors) > 1:
            yield Reason(f"hears {name} in versions {' and '.join(map(str, majors))}, the same twice", "")


def _sources(pattern: Pattern) -> Iterator[Reason]:
    if any("source" not in alternative for alternative in pattern.alternatives):
        yield Reason("asks for no source: whoever may put events on the bus is heard", "")
    for field in fields(pattern, "source"):
        if not all(isinstance(condition, Exact) for condition in field.conditions):
            yield Reason(f"{shown(field)} lets in sources of other events, and those to come", field.pointer)


def _replaced(pattern: Pattern) -> Iterator[Reason]:
    for field in pattern.replaced:
        yield Reason(
            f"may not count: {field.path} is written again further down, and the last replaces it", field.pointer
        )


def _written_numbers(judgement: Judgement) -> Iterator[Reason]:
    """Exact numbers where producers write decimals: 577 is there as 577.0."""
    heard = [hearing.shape for hearing in judgement.hearings if hearing.state != "never"]
    for field in fields(judgement.pattern):
        domains = [shape.domain(field.path) for shape in heard if shape.domain(field.path).decimals]
        for each in single(field) if domains else ():
            value = getattr(each.conditions[0], "value", None)
            if isinstance(value, Decimal) and any(value in members(domain.values, domain.unit) for domain in domains):
                safe = f'{{"numeric": ["=", {shown(each)}]}}'
                yield Reason(f"AWS may compare {shown(each)} as it is written; write {safe}", each.pointer)


def _deaf_types(judgement: Judgement) -> Iterator[Reason]:
    for hearing in judgement.hearings:
        if hearing.state == "never":
            reason = why_never(judgement.pattern, [hearing.shape])
            yield Reason(f"hears no {hearing.shape.name}: {reason.text}", reason.path)


def _deaf_branches(judgement: Judgement, shapes: Sequence[Shape]) -> Iterator[Reason]:
    alternatives = judgement.pattern.alternatives
    for alternative in alternatives[:LOOKED_AT] if len(alternatives) > 1 else ():
        alone = Pattern((alternative,), ())
        if all(is_deaf(alone, shape) for shape in shapes):
            reason = why_never(alone, shapes)
            yield Reason(f"hears nothing by one branch of $or: {reason.text}", reason.path)


def _deaf_conditions(judgement: Judgement, shapes: Sequence[Shape]) -> Iterator[Reason]:
    """Items of a list that no event meets, while another item of it is met."""
    selected = [hearing.shape for hearing in judgement.hearings if hearing.state != "never"]
    for field in fields(judgement.pattern):
        where = shapes if field.path in house_of(shapes).selecting else selected
        for each in single(field) if len(field.conditions) > 1 else ():
            if all(
                is_barred(shape.domain(field.path), shape.domain(field.path).possible(each.conditions))
                for shape in where
            ):
                yield Reason(f"asks in vain for {shown(each)}: {_why(each, where)}", each.pointer)


def single(field: Field) -> Iterator[Field]:
    """The field once for each of its conditions."""
    for index, condition in enumerate(field.conditions):
        yield Field(field.path, f"{field.pointer}/{index}", (condition,), field.written[index : index + 1])


def _why(field: Field, shapes: Sequence[Shape]) -> str:
    return why_never(Pattern(({field.path: field},), ()), shapes).text
