"""What the embedded AWS tells of itself besides AWS's own services: what lies in its queues, and the mails it took."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import urllib3

Message = Mapping[str, Any]
"""Of a queue: `Body`, and `SentTimestamp` in whole seconds among others. Of SES: `MessageId`, `Subject`, `BodyText`,
`Timestamp` in seconds among others."""


class Inside:
    """Of the engine at `endpoint`; `trust` is its certificate where it speaks TLS. Looking changes nothing: it receives
    no message."""

    def __init__(self, endpoint: str, trust: Path | None = None) -> None:
        self._endpoint = endpoint
        self._http = urllib3.PoolManager(timeout=120, ca_certs=str(trust) if trust else None)

    def queue(self, name: str) -> Sequence[Message]:
        """The messages in the queue of this full name, oldest first, those included that a consumer has in hand."""
        found = self._ask("sqs/messages", QueueUrl=name)
        return [each for regions in found.values() for queues in regions.values() for each in queues[name]]

    def mails(self) -> Sequence[Message]:
        """All that SES took, in order."""
        return [mail for mails in self._ask("ses/messages").values() for mail in mails]

    def _ask(self, what: str, **fields: str) -> dict[str, Any]:
        """Account -> what it has."""
        answer = self._http.request("GET", f"{self._endpoint}/_ministack/{what}", fields=fields)
        messages: dict[str, Any] = answer.json()["messages"]
        return messages
