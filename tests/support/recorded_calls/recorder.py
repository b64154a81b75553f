"""Hears of every boto3 call of a process and writes down those of our functions.

botocore itself loads this module into each client that it builds, in processes where BOTOCORE_EXPERIMENTAL__PLUGINS
names it: in the tests' own and in all that they start. It imports nothing of ours but its neighbours.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.support.recorded_calls.caller import calling_function
from tests.support.recorded_calls.needs import Unknown, asked_for, context, needs

FOLDER = "RECORDED_CALLS"
"""The environment variable with the folder that gets a file of each process, a line for each new call."""

PLUGIN = "BOTOCORE_EXPERIMENTAL__PLUGINS"


@dataclass(frozen=True)
class Call:
    """What a function did: an IAM action on a resource. `context` pairs condition keys with their values, `test` is
    where it was seen first. Of a call of which nobody knows what it needs, `resource` is empty."""

    function: str
    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()
    test: str = ""


_written: set[tuple[Any, ...]] = set()


def switch_on(folder: Path) -> None:
    """For this process and for those that it will start."""
    os.environ[FOLDER] = str(folder)
    os.environ[PLUGIN] = f"recorder={__name__}"


def initialize_client_plugin(client: Any) -> None:
    """Called by botocore with each new client."""
    client.meta.events.register("before-parameter-build", heard)


def heard(params: dict[str, Any], model: Any, **_: Any) -> None:
    """A call is about to be made."""
    if function := calling_function(sys._getframe()):
        for part in asked_for(model.name, params):
            for call in calls(function, model.service_model.service_name, model.name, part):
                write(call)


def calls(function: str, service: str, operation: str, params: dict[str, Any]) -> list[Call]:
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" (")[0]
    try:
        found = needs(service, operation, params)
    except Unknown as unknown:
        return [Call(function, str(unknown), "", test=test)]
    told = tuple(sorted(context(service, params).items()))
    return [Call(function, action, resource, told, test) for action, resource in found]


def write(call: Call) -> None:
    """Appends the call to this process's file, once."""
    folder, seen = os.environ[FOLDER], (call.function, call.action, call.resource, call.context)
    if (folder, *seen) in _written:
        return
    _written.add((folder, *seen))
    with Path(folder, f"{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps(asdict(call)) + "\n")


def read(folder: Path) -> list[Call]:
    """Everything that was written down, by whichever process."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [Call(**{**fields, "context": tuple(map(tuple, fields["context"]))}) for fields in map(json.loads, lines)]
