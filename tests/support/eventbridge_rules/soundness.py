"""Checks verdicts against events: random rules, and for each the events that are most likely to prove it wrong.

Run: `python -m tests.support.eventbridge_rules.soundness 100000`, or `make soundness N=100000`.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from eventbridge_rules import languages
from eventbridge_rules.decide import Hearing, Judgement, judge
from eventbridge_rules.grammar import Invalid, Pattern, parse
from eventbridge_rules.match import matches
from eventbridge_rules.verdict import verdict

from orderwire.contracts.published import published
from schemas.envelope import REGISTRY
from tests.support.eventbridge_rules.event_making import contract_named, is_published, live_event, marked
from tests.support.eventbridge_rules.rule_making import RuleMaker, hints

SHAPES = published()
EVENTS = 5
"""Tried per type that a rule selects."""

TOLD = 0.1
"""Of the verdicts, with reasons and warnings."""


class Wrong(AssertionError):
    """A verdict that an event refutes."""


def case(random: Random) -> str:
    """Makes a rule, judges it and tries to refute the judgement. The verdict, or `invalid`. Raises Wrong."""
    rule = RuleMaker(random).rule()
    try:
        pattern = parse(rule)
    except Invalid:
        return "invalid"
    judgement = judge(pattern, SHAPES)
    refute(rule, pattern, judgement, random)
    if random.random() < TOLD and verdict(rule, SHAPES).verdict != judgement.state:
        raise Wrong(json.dumps(rule, default=str))
    return judgement.state


def refute(rule: Any, pattern: Pattern, judgement: Judgement, random: Random) -> None:
    selected = {hearing.shape.detail_type: hearing for hearing in judgement.hearings}
    for hearing in judgement.hearings:
        hold_witnesses(rule, pattern, hearing)
    for event in events(pattern, list(selected), random):
        hearing = selected.get(event["detail-type"])
        state = hearing.state if hearing else "never"
        if wrong(state, matches(pattern, event), is_live(event)):
            raise Wrong(json.dumps({"rule": rule, "verdict": state, "event": event}, default=str))


def wrong(state: str, heard: bool, live: bool) -> bool:
    return (state == "never" and heard) or (state == "always" and live and not heard)


def hold_witnesses(rule: Any, pattern: Pattern, hearing: Hearing) -> None:
    """Each is an event that could be published, and does what it is shown for."""
    shown = {"heard": hearing.heard, "unheard": hearing.unheard}
    for what, event in shown.items():
        if event is not None and not (is_published(event) and matches(pattern, event) == (what == "heard")):
            raise Wrong(json.dumps({"rule": rule, what: event}, default=str))
    there = {"always": {"heard"}, "sometimes": {"heard", "unheard"}, "never": {"unheard"}}.get(hearing.state)
    if there is not None and there != {what for what, event in shown.items() if event is not None}:
        raise Wrong(json.dumps({"rule": rule, "verdict": hearing.state, **shown}, default=str))
    if hearing.unheard is not None and not is_live(hearing.unheard):
        raise Wrong(json.dumps({"rule": rule, "unheard, but not live": hearing.unheard}, default=str))


def is_live(event: dict[str, Any]) -> bool:
    return "replay-name" not in event and not {"replay", "test"} & event["detail"]["metadata"].keys()


def events(pattern: Pattern, types: list[str], random: Random) -> Iterator[dict[str, Any]]:
    """Events of the types that the rule selects, and one of any other, with values near what it asks for."""
    near = hints(pattern, random)
    for detail_type in [*types[:3], random.choice(list(REGISTRY))[0]]:
        for _ in range(EVENTS):
            event = live_event(contract_named(detail_type), random)
            event = marked(event, random) if random.random() < 0.15 else event
            yield aimed(event, near, random)


def aimed(event: dict[str, Any], near: Any, random: Random) -> dict[str, Any]:
    """The event with some of these values at their paths, where its contract lets it have them."""
    for path, values in near.items():
        if values and random.random() < 0.7 and path.startswith("detail.data."):
            changed = json.loads(json.dumps(event))
            value = random.choice(values)
            _replace(changed, path.split("."), float(value) if isinstance(value, Decimal) else value, random)
            event = changed if is_published(changed) else event
    return event


def _replace(node: Any, path: list[str], value: Any, random: Random) -> None:
    if isinstance(node, list):
        _replace(random.choice(node), path, value, random)
    elif len(path) > 1 and isinstance(node.get(path[0]), dict | list):
        _replace(node[path[0]], path[1:], value, random)
    elif len(path) == 1 and not isinstance(node.get(path[0]), dict | list):
        node[path[0]] = value


def run(number: int, seed: str = "") -> Counter[str]:
    """Tries so many cases; the verdicts counted. Raises Wrong."""
    counted: Counter[str] = Counter()
    for index in range(number):
        counted[case(Random(f"{seed}{index}"))] += 1
        if index % 5000 == 4999:
            languages.forget()
    return counted


def main() -> None:
    number, start = int(sys.argv[1]), time.process_time()
    counted = run(number)
    for state, count in counted.most_common():
        print(f"{state:<10} {count:>8} {count / number:7.2%}")  # noqa: T201
    print(f"{number} rules, no wrong verdict ({time.process_time() - start:.0f} s of CPU)")  # noqa: T201


if __name__ == "__main__":
    main()
