"""The functions' structured log as lines for a person."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger

from orderwire.console.output import in_cell, printable
from orderwire.machine.debugger import PatientHandler

TOLD_FIRST = ("message", "event_type", "order_id")
LEFT_OUT = frozenset(
    {"level", "location", "timestamp", "service", "event_id", "correlation_id", "exception", "exception_name"}
    | {"stack_trace", *TOLD_FIRST}
)


def plain_line(fields: Mapping[str, Any]) -> str:
    """A log record's fields as one line, with its traceback below if it has one; harmless to a terminal."""
    first = [str(fields[key]) for key in TOLD_FIRST if fields.get(key)]
    rest = [f"{key}={value}" for key, value in fields.items() if key not in LEFT_OUT and value is not None]
    clock = str(fields.get("timestamp", ""))[11:23]
    line = f"{clock}  {fields.get('service', ''):<13} {'  '.join(first + rest)}"
    below = [printable(fields["exception"])] if fields.get("exception") else []
    return "\n".join(each.plain for each in (in_cell(line), *below))


def speak_plainly(names: Sequence[str]) -> None:
    """Makes these functions log plain lines: powertools gives a later logger of a name the serializer of the first."""
    for name in names:
        Logger(service=name, utc=True, json_serializer=plain_line, logger_handler=PatientHandler(sys.stdout))
