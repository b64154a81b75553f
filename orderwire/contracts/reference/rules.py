"""Rules to copy: patterns of subscription files for an event, from its own fields."""

import json
from dataclasses import dataclass
from typing import Any

import yaml

from orderwire.contracts.reference.events import FieldRow
from schemas.envelope import EventData

EXAMPLE_TOTAL = 100


@dataclass(frozen=True)
class RuleToCopy:
    """`says` in a sentence what the pattern matches."""

    says: str
    pattern: dict[str, Any]

    @property
    def text(self) -> str:
        return str(yaml.safe_dump({"pattern": self.pattern}, sort_keys=False, default_flow_style=None))


def rules(contract: type[EventData], fields: tuple[FieldRow, ...]) -> list[RuleToCopy]:
    """Every such event; those of a large sum, if it has one; those of one product, if it names products; both."""
    name = contract.DETAIL_TYPE
    conditions = [condition for field in fields if (condition := condition_on(field))]
    found = [RuleToCopy(f"Every {name}", pattern(contract))]
    found += [RuleToCopy(f"Those {each.says}", pattern(contract, each)) for each in conditions]
    if len(conditions) > 1:
        says = " and ".join(each.says for each in conditions)
        found.append(RuleToCopy(f"Those {says}", pattern(contract, *conditions)))
    return found


@dataclass(frozen=True)
class Condition:
    """On the field at `path` below the detail."""

    path: tuple[str, ...]
    wanted: list[Any]
    says: str


def condition_on(field: FieldRow) -> Condition | None:
    path = tuple(field.path.split("."))
    if field.path in ("data.total", "data.amount"):
        return Condition(path, [{"numeric": [">=", EXAMPLE_TOTAL]}], f"of {EXAMPLE_TOTAL} or more")
    if path[-1] == "sku":
        example = json.loads(field.example)
        return Condition(path, [example], f"that name the product {example}")
    return None


def pattern(contract: type[EventData], *conditions: Condition) -> dict[str, Any]:
    """The pattern of the event, with these conditions."""
    found: dict[str, Any] = {"source": [contract.SOURCE], "detail-type": [contract.DETAIL_TYPE]}
    for condition in conditions:
        place = found.setdefault("detail", {})
        for part in condition.path[:-1]:
            place = place.setdefault(part, {})
        place[condition.path[-1]] = condition.wanted
    return found
