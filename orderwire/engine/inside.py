"""What the embedded AWS tells of itself besides AWS's own services: what lies in its queues, and the mails it took."""

from collections.abc import Mapping, Sequence
from typing import Any

import urllib3

Message = Mapping[str, Any]
"""Of a queue: `Body`, and `SentTimestamp` in whole seconds among others. Of SES: `MessageId`, `Subject`, `BodyText`,
`Timestamp` in seconds among others."""


class Inside:
    """Of the engine at `endpoint`. Looking changes nothing: no message is received by it."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def queue(self, name: str) -> Sequence[Message]:
        """The messages in the queue of this full name, oldest first, those included that a consumer has in hand."""
        found = self._ask("sqs/messages", QueueUrl=name)
        return [each for regions in found.values() for queues in regions.values() for each in queues[name]]

    def mails(self) -> Sequence[Message]:
        """All that SES took, in order."""
        return [mail for mails in self._ask("ses/messages").values() for mail in mails]

    def _ask(self, what: str, **fields: str) -> dict[str, Any]:
        """Account -> what it has."""
        answer = urllib3.request("GET", f"{self._endpoint}/_ministack/{what}", fields=fields, timeout=10)
        messages: dict[str, Any] = answer.json()["messages"]
        return messages
