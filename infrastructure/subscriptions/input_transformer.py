"""The input transformer of a subscription: which fields it may read, and that its output is JSON for every event.

Where an event lacks a field, EventBridge silently leaves its place empty.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infrastructure.subscriptions.model import Input
from infrastructure.subscriptions.places import NoSuchPlace, may_break, may_lack, node_at
from schemas.envelope import EventData
from schemas.parse import load_json
from schemas.personal import personal_fields, secret_fields

_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
_VARIABLE = re.compile(r"[A-Za-z0-9_-]+")
_FIELD = re.compile(r"\$\.detail\.(data|metadata)\.([a-z_]+)(?:\.[a-z_]+|\[\d+\])*")
_SOME_VALUE = "{}"
"""Stands for a variable where a template is read: unlike a digit it forms no number with what stands beside it."""
_WHOLE = frozenset({"$.source", "$.detail-type", "$.time", "$.detail.metadata"})
"""Other paths that may be read: they are in every event, and not personal."""

Contracts = Sequence[type[EventData]]


def input_problems(
    given: Input, contracts: Contracts, discloses: frozenset[str], pattern: Mapping[str, Any]
) -> Iterator[str]:
    """What is wrong with the transformer of a file that discloses these fields of these events."""
    for variable in given.paths:
        if not _VARIABLE.fullmatch(variable):
            yield f"{variable}: must be of letters, digits, _ and -, as EventBridge asks of a variable"
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
    lacking = {
        name for name, path in given.paths.items() if any_lacks(contracts, path) and not asked_for(pattern, path)
    }
    yield from template_problems(
        given, lacking, {name for name, path in given.paths.items() if breaks(contracts, path)}
    )


def field_problems(contracts: Contracts, variable: str, path: str, found: re.Match[str]) -> Iterator[str]:
    for contract in contracts:
        try:
            may_lack(contract, path)
        except NoSuchPlace as missing:
            yield f"{variable}: {contract.DETAIL_TYPE} {missing}"
        else:
            if found[1] == "data" and found[2] in secret_fields(contract):
                yield f"{variable}: {found[2]} is secret and leaves the saga not at all"


def template_problems(given: Input, lacking: set[str], breaking: set[str]) -> Iterator[str]:
    """`lacking` are the variables that some events have nothing for, `breaking` those with values that end a text or
    are no text: EventBridge escapes nothing within a string, and writes JSON where a variable stands alone."""
    used = set(_PLACEHOLDER.findall(given.template))
    for variable in sorted(used ^ given.paths.keys()):
        if variable.startswith("aws."):
            yield f"<{variable}> is EventBridge's own, and is not taken here"
        else:
            yield f"<{variable}> must be in the paths and in the template"
    if not is_json(_PLACEHOLDER.sub(_SOME_VALUE, given.template)):
        yield "the template must be JSON: a string in double quotes, or an object"
        return
    for variable in sorted(within_strings(given.template) & breaking):
        yield (
            f"{variable}: {given.paths[variable]} may have quotes, line feeds or several values, which would end the "
            f'string that it stands in: give it a place of its own, such as {{"{variable}": <{variable}>}}'
        )
    for variable in sorted(used & lacking):
        if not is_json(_PLACEHOLDER.sub(_SOME_VALUE, given.template.replace(f"<{variable}>", ""))):
            yield (
                f"{variable}: {given.paths[variable]} is not in every event, and without it the message is no JSON: "
                + (
                    'ask for it in the pattern ([{"exists": true}])'
                    if variable in breaking
                    else f'write "<{variable}>" with double quotes, which is empty then, or ask for it in the pattern'
                )
            )


def within_strings(template: str) -> set[str]:
    """The variables that stand within a string of the template, which is JSON but for them."""
    found, inside, at = set[str](), False, 0
    while at < len(template):
        variable = _PLACEHOLDER.match(template, at)
        if variable:
            found |= {variable[1]} if inside else set()
            at = variable.end()
            continue
        inside ^= template[at] == '"'
        at += 2 if inside and template[at] == "\\" else 1
    return found


def is_json(text: str) -> bool:
    """Without the NaN and Infinity that Python takes for JSON."""
    try:
        load_json(text)
    except ValueError:
        return False
    return True


def any_lacks(contracts: Contracts, path: str) -> bool:
    try:
        return _FIELD.fullmatch(path) is not None and any(may_lack(contract, path) for contract in contracts)
    except NoSuchPlace:
        return False


def asked_for(pattern: Mapping[str, Any], path: str) -> bool:
    """Whether the pattern hears only events that have something at this path: any condition but `exists: false` asks
    for a value. Elements of lists and branches of `$or` are not looked into."""
    node: Any = pattern
    for step in path.removeprefix("$.").split("."):
        node = node.get(step) if isinstance(node, dict) else None
    return isinstance(node, list) and bool(node) and {"exists": False} not in node


def breaks(contracts: Contracts, path: str) -> bool:
    """Whether some event has a value at this path that cannot stand within a string of JSON as it is."""
    if not _FIELD.fullmatch(path):
        return path == "$.detail.metadata"
    try:
        return any(may_break(node_at(contract, path)) for contract in contracts)
    except NoSuchPlace:
        return False
