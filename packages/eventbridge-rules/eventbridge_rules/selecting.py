"""Which types of events a rule is about, and of which of them it is proven that it hears none."""

from eventbridge_rules.grammar import Alternative, Pattern
from eventbridge_rules.languages import TooHard
from eventbridge_rules.shapes import Shape
from eventbridge_rules.solve import is_empty, possible


def is_selected(alternative: Alternative, shape: Shape) -> bool:
    """Whether the alternative is open to this type of event, going by its source, detail-type and version."""
    chosen = {path: alternative[path] for path in shape.house.selecting if path in alternative}
    return not is_empty(possible([chosen], shape)[0], shape)


def is_deaf(pattern: Pattern, shape: Shape) -> bool:
    """Whether it is proven that the rule hears no event of this type."""
    try:
        return all(is_empty(box, shape) for box in possible(pattern.alternatives, shape))
    except TooHard:
        return False
