"""The form in which schemas are published: JSON Schema that every validator takes, and that all decide alike.

A strict validator refuses keywords and formats that it does not know, and one that divides doubles finds that 16.99 is
no multiple of 0.01. So what a schema says by these stands in its `$comment`, as `keyword: value` and `; ` between two,
where people read it and `read_back` finds it. What is published accepts all that the schema does, and besides only
amounts with more than two decimals.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

NOT_EVERYWHERE = ("multipleOf", "format", "x-")
"""Keywords, and how they begin."""
_MAPS_OF_SCHEMAS = ("properties", "patternProperties", "$defs", "definitions")
_VALUES = ("const", "enum", "required", "examples", "default")
_ASIDE = re.compile(r"(x-[a-z-]+|multipleOf|format): ([^;]+)")


def portable(schema: Any, aside: tuple[str, ...] = NOT_EVERYWHERE) -> Any:
    """The schema in the published form, with the keywords that begin like one of `aside` in comments."""
    return _each(schema, partial(_put_aside, aside))


def read_back(schema: Any) -> Any:
    """The schema as it was before `portable`; one that was never in that form stays as it is."""
    return _each(schema, _taken_back)


def _put_aside(aside: tuple[str, ...], schema: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in schema.items() if key.startswith(aside)}
    if not said:
        return schema
    comment = "; ".join(f"{key}: {'true' if value is True else value}" for key, value in said.items())
    return {**{key: value for key, value in schema.items() if key not in said}, "$comment": comment}


def _taken_back(schema: dict[str, Any]) -> dict[str, Any]:
    found = [_ASIDE.fullmatch(each) for each in str(schema.get("$comment", "")).split("; ")]
    said = {each[1]: _value(each[1], each[2]) for each in found if each}
    if len(said) < len(found):
        return schema
    return {**{key: value for key, value in schema.items() if key != "$comment"}, **said}


def _value(key: str, text: str) -> Any:
    return float(text) if key == "multipleOf" else True if text == "true" else text


def _each(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A copy with every schema in it changed; what is a name or a value is none."""
    if isinstance(node, list):
        return [_each(each, change) for each in node]
    if not isinstance(node, Mapping):
        return node
    return change({key: _inner(key, value, change) for key, value in node.items()})


def _inner(key: str, value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if key in _VALUES:
        return value
    if key in _MAPS_OF_SCHEMAS:
        return {name: _each(each, change) for name, each in value.items()}
    return _each(value, change)
