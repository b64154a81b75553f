"""Event patterns at random over the contracts, so made that each verdict is often the right one.

Names are sometimes nearly right, values come from the fields' own examples and limits, conditions are paired with their
opposites, and types with other types' fields and sources.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from eventbridge_rules.conditions import AnythingBut, Cidr, Exact, Numeric, Text
from eventbridge_rules.grammar import Pattern
from eventbridge_rules.match import leaves_of
from eventbridge_rules.operators import NEGATED

from schemas.envelope import REGISTRY, EventData
from tests.support.eventbridge_rules.event_making import live_event, money, text

Rule = dict[str, Any]

EXTREME = (1e300, -1e300, 5e-324, 10**40, 10**400, "1e999", "1e999999", "-1e-999999", "0e999999", "1e40", "NaN")
"""Numbers and texts of numbers that no field has room for."""

ENVELOPE = ("account", "region", "time", "id", "version", "resources", "replay-name")


class RuleMaker:
    def __init__(self, random: Random) -> None:
        self._random = random

    def rule(self) -> Rule:
        """A whole pattern; rarely one that AWS refuses."""
        contract = self._random.choice(list(REGISTRY.values()))
        rule = self._selection(contract)
        conditions = [self._field(contract) for _ in range(self._random.choice([0, 1, 1, 1, 2, 2, 3]))]
        for path, values in conditions:
            put(rule, path, values)
        if self._random.random() < 0.3:
            self._add_choice(rule, contract)
        return rule or {"source": [contract.SOURCE]}

    def _selection(self, contract: type[EventData]) -> Rule:
        rule: Rule = {}
        if self._random.random() < 0.9:
            rule["detail-type"] = self._types(contract)
        if self._random.random() < 0.4:
            rule["source"] = [
                self._often(contract.SOURCE, lambda: self._one_of(REGISTRY.values()).SOURCE, "orderwire.pay")
            ]
        if self._random.random() < 0.3:
            version = self._often({"prefix": "1."}, "1.0", lambda: self._one_of(["2.0", {"prefix": "2."}, "1.1"]))
            put(rule, "detail.metadata.version", [version])
        if self._random.random() < 0.3:
            put(rule, "detail.metadata.replay", [{"exists": False}])
        return rule

    def _types(self, contract: type[EventData]) -> list[Any]:
        name = contract.DETAIL_TYPE
        other = self._one_of(REGISTRY.values()).DETAIL_TYPE
        return self._one_of([
            [name], [name], [name], [name], [name, other], [name[:-1]], [{"prefix": name.split(".")[0]}],
            [{"suffix": name[-4:]}], [{"anything-but": other}],
        ])  # fmt: skip

    def _add_choice(self, rule: Rule, contract: type[EventData]) -> None:
        """Two or three branches; often such that one of them always holds."""
        path, values = self._field(contract)
        branches: list[Rule] = [{}, {}]
        put(branches[0], path, values)
        if self._random.random() < 0.5 and (opposite := opposite_of(values)) is not None:
            put(branches[1], path, [opposite, {"exists": False}] if self._random.random() < 0.3 else [opposite])
        else:
            put(branches[1], *self._field(contract))
        if self._random.random() < 0.3:
            branches.append({})
            put(branches[2], *self._field(contract))
        rule["$or"] = branches

    def _field(self, contract: type[EventData]) -> tuple[str, list[Any]]:
        """A path of the contract's events, mostly, and conditions for it."""
        source = contract if self._random.random() < 0.93 else self._one_of(REGISTRY.values())
        event = live_event(source, self._random)
        leaves = leaves_of({"detail": event["detail"]})
        inner = [path for path in leaves if path.startswith("detail.data.")]
        path = self._often(lambda: self._one_of(inner), lambda: self._one_of(leaves), lambda: self._one_of(ENVELOPE))
        usual = [found.value for found in leaves_of(event).get(path, ())]
        if self._random.random() < 0.04:
            path = self._misspelt(path)
        return path, self._conditions(self._one_of(usual) if usual else text(self._random, "-", 8))

    def _misspelt(self, path: str) -> str:
        at = self._random.randrange(len(path))
        return self._one_of(
            [path[:at] + path[at + 1 :] or "x", path + "s", path + ".value", path.rpartition(".")[0] or path]
        )

    def _conditions(self, usual: Any) -> list[Any]:
        found = [self._condition(usual) for _ in range(self._random.choice([1, 1, 1, 2, 3]))]
        if self._random.random() < 0.2 and (opposite := opposite_of(found)) is not None:
            found.append(opposite)
        return found

    def _condition(self, usual: Any) -> Any:
        if self._random.random() < 0.12:
            return self._one_of(
                [{"exists": True}, {"exists": False}, None, True, "", 1, {"prefix": ""}, {"wildcard": "*"}]
            )
        if isinstance(usual, bool):
            return self._one_of([True, False, {"exists": True}, {"exists": False}])
        if isinstance(usual, str):
            return self._of_text(usual)
        return self._of_number(float(usual))

    def _of_number(self, usual: float) -> Any:
        low = self._one_of([usual, 0, 1, -1, 0.005, 100, 999, 1000, 999999999.99, 1_000_000_000, money(self._random)])
        high = round(low + self._one_of([0.01, 0.5, 1, 10, 1_000_000_000]), 6)
        return self._one_of([
            {"numeric": [">", low]}, {"numeric": [">=", low]}, {"numeric": ["<", low]}, {"numeric": ["<=", low]},
            {"numeric": ["=", low]}, {"numeric": [">", low, "<", high]}, {"numeric": [">=", low, "<=", high]},
            low, str(low), self._one_of(EXTREME),
            {"anything-but": low}, {"anything-but": [low, usual]}, {"anything-but": "x"},
        ])  # fmt: skip

    def _of_text(self, usual: str) -> Any:
        cut = self._random.randrange(len(usual) + 1)
        start, end = usual[:cut], usual[cut:]
        odd = self._one_of(["zz", "@", "-", "A", "0", ".", "card", "EUR", "order", "10.0.0.1", "2026", "T"])
        some = self._often(usual, start, end, odd, usual.upper(), usual.lower())
        operator = self._one_of(["prefix", "suffix", "equals-ignore-case"])
        star = escaped(start) + "*" + escaped(end)
        return self._one_of([
            usual, some, {"prefix": start}, {"suffix": end}, {"prefix": odd}, {"suffix": odd},
            {"equals-ignore-case": usual}, {"prefix": {"equals-ignore-case": some}},
            {"suffix": {"equals-ignore-case": some}}, {"wildcard": star},
            {"wildcard": f"*{escaped(odd)}*"}, {"wildcard": escaped(start[:2]) + "*" + escaped(odd) + "*"},
            {"anything-but": usual}, {"anything-but": [usual, odd]}, {"anything-but": {operator: some or "x"}},
            {"anything-but": {operator: [some or "x", odd]}}, {"anything-but": {"wildcard": star}},
            {"anything-but": {"wildcard": [f"*{escaped(odd)}*", "*~*"]}}, {"cidr": "10.0.0.0/8"}, {"numeric": ["<", 5]},
        ])  # fmt: skip

    def _one_of(self, choices: Any) -> Any:
        return self._random.choice(list(choices))

    def _often(self, usual: Any, *rare: Any) -> Any:
        chosen = usual if self._random.random() < 0.75 else self._random.choice(rare)
        return chosen() if callable(chosen) else chosen


OPPOSITES = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def opposite_of(conditions: Sequence[Any]) -> Any:
    """A condition that holds where the first does not, or nearly; None if there is no such thing."""
    match conditions[0]:
        case {"numeric": [operator, limit]} if operator in OPPOSITES:
            return {"numeric": [OPPOSITES[operator], limit]}
        case {"anything-but": dict() as negated}:
            [(operator, operand)] = negated.items()
            return {operator: operand} if isinstance(operand, str) else None
        case {"anything-but": str() | float() | int() as value}:
            return value
        case {**operator} if operator.keys() & NEGATED.keys() and all(
            isinstance(each, str) for each in operator.values()
        ):
            return {"anything-but": operator}
        case str() | float() | int() as value if not isinstance(value, bool):
            return {"anything-but": value}
    return None


def put(rule: Rule, path: str, values: list[Any]) -> None:
    """Writes conditions at a path; one that leads through conditions already there is left out."""
    *way, last = path.split(".")
    for name in way:
        rule = rule.setdefault(name, {})
        if not isinstance(rule, dict):
            return
    if not isinstance(rule.get(last), dict):
        rule[last] = values


def escaped(literal: str) -> str:
    return literal.replace("\\", "\\\\").replace("*", "\\*")


def hints(pattern: Pattern, random: Random) -> Mapping[str, list[Any]]:
    """Path -> values on this side and on that side of what is asked there."""
    found: dict[str, list[Any]] = {}
    for alternative in pattern.alternatives[:50]:
        for path, field in alternative.items():
            for condition in field.conditions:
                found.setdefault(path, []).extend(_near(condition, random))
    return found


def _near(condition: Any, random: Random) -> list[Any]:
    match condition:
        case Exact(value):
            return [value, *([f"{value}x", value[:-1], value.swapcase()] if isinstance(value, str) else [])]
        case Text(pieces):
            filling: Callable[[], str] = lambda: random.choice(["", "a", "0", text(random, "-._", 12)])  # noqa: E731
            made = "".join(filling() if piece is None else random.choice(sorted(piece)) for piece in pieces)
            return [made, made + random.choice(string.ascii_letters), made[1:]]
        case Numeric(low, high):
            limits = [limit for limit in (low, high) if limit is not None]
            return [
                near for limit in limits for near in (limit, float(limit) - 0.01, float(limit) + 0.01, int(limit) + 1)
            ]
        case Cidr(network):
            return [str(network[0]), str(network[-1]), "11.0.0.1", "010.0.0.1"]
        case AnythingBut(excluded):
            return [near for each in excluded for near in _near(each, random)]
    return []
