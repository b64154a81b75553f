"""The paths by which EventBridge reads an event: steps with dots, and elements of lists by their number."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_PATH = re.compile(r"\$(?:\.[A-Za-z0-9_-]+(?:\[[0-9]+\])*)*")
_STEP = re.compile(r"([^\[]+)((?:\[[0-9]+\])+)")


class Indexed(dict[str, Any]):
    """An object in which `items[0]` is the first of its `items`."""

    def __missing__(self, key: str) -> Any:
        found = _STEP.fullmatch(key)
        if found is None:
            raise KeyError(key)
        value = self[found[1]]
        for index in re.findall("[0-9]+", found[2]):
            if not isinstance(value, list):
                raise KeyError(key)
            value = value[int(index)]
        return value


def indexed(event: Any) -> Any:
    """A copy of plain data with `Indexed` for every object."""
    return json.loads(json.dumps(event), object_hook=Indexed)


def at_path(event: Any, path: str) -> str | None:
    """What is at a path of the form that is read, as JSON; None if nothing is."""
    value = indexed(event)
    try:
        for step in path.split(".")[1:]:
            value = value[step]
    except (KeyError, TypeError, IndexError):
        return None
    return json.dumps(value)


def unread_paths(targets: Iterable[Mapping[str, Any]]) -> list[str]:
    """The paths of targets, as PutTargets has them, that are of another form; EventBridge reads some of those, too."""
    return [path for target in targets for path in paths_of(target) if not _PATH.fullmatch(path)]


def paths_of(target: Mapping[str, Any]) -> list[str]:
    named = (target.get("InputTransformer") or {}).get("InputPathsMap") or {}
    return [*named.values(), *([target["InputPath"]] if target.get("InputPath") else [])]
