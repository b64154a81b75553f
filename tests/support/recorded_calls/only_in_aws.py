"""What functions may do although no code of ours does it: AWS does, with the function's role.

Each entry must be needed. One whose action our own code has come to use, or that no policy has, is a finding.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Excuse:
    """`of` says whose grants it excuses, `why` who uses them and where AWS says so."""

    action: str
    of: Literal["every function", "consumers"]
    why: str

    def covers(self, function: str, action: str, consumers: frozenset[str]) -> bool:
        return action == self.action and (self.of == "every function" or function in consumers)


LOGS = "Lambda writes what the function prints to its log group (Lambda: execution role)."
TRACES = "Lambda sends the function's traces to X-Ray (Lambda: visualize invocations using X-Ray)."
POLLER = "The event source mapping reads the queue in the function's name (Lambda: configuring SQS, permissions)."

ONLY_IN_AWS = (
    Excuse("logs:CreateLogStream", "every function", LOGS),
    Excuse("logs:PutLogEvents", "every function", LOGS),
    Excuse("xray:PutTelemetryRecords", "every function", TRACES),
    Excuse("xray:PutTraceSegments", "every function", TRACES),
    Excuse("sqs:ReceiveMessage", "consumers", POLLER),
    Excuse("sqs:GetQueueAttributes", "consumers", POLLER),
)
