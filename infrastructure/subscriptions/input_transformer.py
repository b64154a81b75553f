"""The input transformer of a subscription: which fields it may read, and that its output is JSON for every event.

Where an event lacks a field, EventBridge silently leaves its place empty.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any

from eventbridge_rules.pointers import resolved
from pydantic import BaseModel, ConfigDict, Field

from schemas.envelope import EventData
from schemas.generate import json_schema
from schemas.personal import personal_fields, secret_fields

LONGEST_TEMPLATE, MOST_PATHS = 8192, 100
"""Characters of an input template and variables of an input transformer that EventBridge takes."""

_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
_FIELD = re.compile(r"\$\.detail\.(data|metadata)\.([a-z_]+)(?:\.[a-z_]+|\[\d+\])*")
_STEP = re.compile(r"[a-z_]+|\[\d+\]")
_WHOLE = frozenset({"$.source", "$.detail-type", "$.time", "$.detail.metadata"})
"""Other paths that may be read: they are in every event, and not personal."""

Contracts = Sequence[type[EventData]]


class Input(BaseModel):
    """EventBridge's input transformer: `paths` maps variables to places in the event, `template` is JSON that has
    `<variable>` in it, within a string or as a value of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paths: Annotated[dict[str, str], Field(max_length=MOST_PATHS)]
    template: Annotated[str, Field(min_length=1, max_length=LONGEST_TEMPLATE)]


class NoSuchPlace(ValueError):
    """A path that leads nowhere in an event; the text says where it ends."""


def input_problems(given: Input, contracts: Contracts, discloses: frozenset[str]) -> Iterator[str]:
    """What is wrong with the transformer of a file that discloses these fields of these events."""
    fields = {variable: _FIELD.fullmatch(path) for variable, path in given.paths.items()}
    for variable, path in given.paths.items():
        if found := fields[variable]:
            yield from field_problems(contracts, variable, path, found)
        elif path not in _WHOLE:
            yield f"{variable}: must be a field of $.detail.data or one of {', '.join(sorted(_WHOLE))}"
    personal = {name for contract in contracts for name in personal_fields(contract)}
    disclosed = {found[2] for found in fields.values() if found and found[1] == "data"} & personal
    for name in sorted(disclosed ^ discloses):
        yield f"discloses must name the personal fields that are read, and no others: {name}"
    yield from template_problems(given, {name for name in given.paths if any_lacks(contracts, given.paths[name])})


def field_problems(contracts: Contracts, variable: str, path: str, found: re.Match[str]) -> Iterator[str]:
    for contract in contracts:
        try:
            may_lack(contract, path)
        except NoSuchPlace as missing:
            yield f"{variable}: {contract.DETAIL_TYPE} {missing}"
        else:
            if found[1] == "data" and found[2] in secret_fields(contract):
                yield f"{variable}: {found[2]} is secret and leaves the saga not at all"


def template_problems(given: Input, lacking: set[str]) -> Iterator[str]:
    """`lacking` are the variables that some events have nothing for."""
    used = set(_PLACEHOLDER.findall(given.template))
    for variable in sorted(used ^ given.paths.keys()):
        if variable.startswith("aws."):
            yield f"<{variable}> is EventBridge's own, and is not taken here"
        else:
            yield f"<{variable}> must be in the paths and in the template"
    if not is_json(_PLACEHOLDER.sub("0", given.template)):
        yield "the template must be JSON: a string in double quotes, or an object"
        return
    for variable in sorted(used & lacking):
        if not is_json(_PLACEHOLDER.sub("0", given.template.replace(f"<{variable}>", ""))):
            yield (
                f"{variable}: {given.paths[variable]} is not in every event, and without it the message would be no "
                f'JSON: write "<{variable}>" with double quotes, which is empty then'
            )


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def any_lacks(contracts: Contracts, path: str) -> bool:
    try:
        return _FIELD.fullmatch(path) is not None and any(may_lack(contract, path) for contract in contracts)
    except NoSuchPlace:
        return False


@cache
def schema_of(contract: type[EventData]) -> Mapping[str, Any]:
    """Made once: a file's paths are looked up one by one."""
    return json_schema(contract)


def may_lack(contract: type[EventData], path: str) -> bool:
    """Whether some events of the contract have nothing at this path of their detail. Raises NoSuchPlace."""
    document = schema_of(contract)
    node, place, optional = document, "", False
    for step in _STEP.findall(path)[1:]:
        node = resolved(node, document)
        if node.get("type") == "array" and step.startswith("["):
            optional |= int(step[1:-1]) >= node.get("minItems", 0)
            node, place = node["items"], place + step
            continue
        names = node.get("properties", {})
        if step not in names:
            raise NoSuchPlace(nowhere(node, place, step, names))
        optional |= step not in node.get("required", ())
        node, place = names[step], f"{place}.{step}".lstrip(".")
    return optional


def nowhere(node: Any, place: str, step: str, names: Sequence[str]) -> str:
    """Why there is no such step from this place."""
    if node.get("type") == "array":
        return f"has a list at {place}: write {place}[0].{step}"
    if step.startswith("["):
        return f"has no list at {place}"
    near = get_close_matches(step, names, 1)
    hint = f"; did you mean {place}.{near[0]}?" if near else ""
    return f"has no {place}.{step}{hint}"
