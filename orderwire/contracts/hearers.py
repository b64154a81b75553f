"""Who hears an event and which of its fields they read: the rules of subscriptions/ and those of the consumers.

The files of subscriptions/ are read as they are, not checked: one that names a field which is gone has to be named
here, not refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventbridge_rules.grammar import Alternative, Pattern, parse
from eventbridge_rules.operators import Invalid

from consumers.declaration import Consumer
from infrastructure.subscriptions.checks import pattern_with
from infrastructure.subscriptions.files import HOME, paths_in
from infrastructure.subscriptions.yaml_or_json import document_of, text_of
from orderwire.console.problem import Problem
from orderwire.contracts.contracts import Contract
from orderwire.contracts.diff import EACH, SchemaChange

OUR_TEAM = "Orderwire"

WHOLE = {"event": "$.detail"}
"""What a rule without an input transformer reads."""

_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\[[0-9*]+\]")
_TYPE, _SOURCE, _VERSION = "detail-type", "source", "detail.metadata.version"


@dataclass(frozen=True)
class Hearer:
    """One rule. `name` is that of the file or the consumer; `pattern` is EventBridge's; `paths` maps the variables of
    the input transformer to JSON paths."""

    name: str
    team: str
    contact: str
    pattern: Mapping[str, Any]
    paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def parsed(self) -> Pattern:
        """Raises Problem for what AWS would refuse."""
        try:
            return parse(dict(self.pattern))
        except Invalid as error:
            raise Problem(f"{self.name}: the pattern is none that EventBridge takes: {error}") from None

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Places in the event's detail, without the elements of lists, which patterns do not name either."""
        asked = {tuple(path.split(".")) for each in self.parsed.alternatives for path in each}
        return frozenset(path[1:] for path in {*asked, *map(steps, self.paths.values())} if path[:1] == ("detail",))

    def hears(self, contract: Contract) -> bool:
        return any(lets_in(each, contract) for each in self.parsed.alternatives)

    def names(self, contract: Contract) -> bool:
        """Whether it hears the event because it asks for that type, not because it hears whatever there is."""
        asking = (each for each in self.parsed.alternatives if _TYPE in each)
        return any(lets_in(each, contract) for each in asking)


def lets_in(alternative: Alternative, contract: Contract) -> bool:
    """Whether the alternative accepts the contract's source, type and version; what it does not ask for it accepts."""
    values = {_TYPE: contract.detail_type, _SOURCE: contract.source, _VERSION: contract.version}
    asked = {path: alternative[path] for path in values if path in alternative}
    return all(any(each.accepts(values[path]) for each in found.conditions) for path, found in asked.items())


def steps(path: str) -> tuple[str, ...]:
    """The names in a JSON path: `$.detail.data.items[0].sku` is detail, data, items, sku."""
    return tuple(plain or quoted for plain, quoted in _STEP.findall(path) if plain or quoted)


def affected(change: SchemaChange, path: Sequence[str], exactly: bool = False) -> bool:
    """Whether the change concerns a rule that reads `path`: it is at that place or, unless `exactly`, inside or around
    it."""
    changed = [name for name in change.pointer.split("/")[1:] if name != EACH]
    if exactly:
        return changed == list(path)
    return all(one == other for one, other in zip(changed, path, strict=False))


def of_consumers(consumers: Iterable[Consumer]) -> Iterator[Hearer]:
    for each in consumers:
        yield Hearer(each.name, OUR_TEAM, f"consumers/{each.name.replace('-', '_')}.py", each.pattern())


def of_files(numbers: Mapping[str, int], home: Path = HOME) -> Iterator[Hearer]:
    """The rules of the folder. `numbers` are the values of the stack's parameters that patterns may have."""
    for path in paths_in(home):
        yield of_file(path, numbers)


def of_file(path: Path, numbers: Mapping[str, int]) -> Hearer:
    """Raises Problem for a file that says too little to tell whose rule it is and what it asks."""
    try:
        document = document_of(text_of(path))
        paths = document["input"]["paths"] if "input" in document else WHOLE
        pattern = pattern_with(document["pattern"], document.get("stage_values", {}), numbers)
        return Hearer(path.stem, str(document["team"]), str(document["contact"]), pattern, paths)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Problem(f"{path.name}: is no subscription: {type(error).__name__}: {error}") from None
