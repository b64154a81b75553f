"""EventBridge's pattern language: reading it, matching with it, and deciding what a rule can hear before it is there.

    read_json ──> parse ── Pattern ──> matches, first_miss   one event: does the rule hear it, and if not, why
    EventType ──> shape_of ── Shape ──> verdict              every event there can be: always, sometimes, never

The semantics are those of Event Ruler, the library inside EventBridge (https://github.com/aws/event-ruler, read at
commits 9c483bd and 68bdcd4, and asked in 1.7.0 and 2.0.1), and of the EventBridge user guide, "Comparison operators for
use in event patterns".
"""

from eventbridge_rules.grammar import Pattern, parse
from eventbridge_rules.house import REPLAYED, EventType, House, Mark
from eventbridge_rules.match import Miss, matches
from eventbridge_rules.match import match as first_miss
from eventbridge_rules.operators import Invalid
from eventbridge_rules.reading import read_json
from eventbridge_rules.reasons import Reason
from eventbridge_rules.shapes import Shape, shape_of
from eventbridge_rules.verdict import Verdict, verdict

__all__ = [
    "REPLAYED",
    "EventType",
    "House",
    "Invalid",
    "Mark",
    "Miss",
    "Pattern",
    "Reason",
    "Shape",
    "Verdict",
    "first_miss",
    "matches",
    "parse",
    "read_json",
    "shape_of",
    "verdict",
]
