"""A consumer's queue and dead-letter queue, as the batch runner uses them."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

BATCH = 10
LONGEST_ATTRIBUTE = 1000
_NOT_TAKEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""SQS refuses a whole message for one of these characters."""

Record = Mapping[str, Any]


class NotDeleted(Exception):
    """SQS kept messages that were handled; they will be received again and must find their effects done."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.count = len(codes)
        super().__init__(", ".join(codes))


class SourceQueue:
    """Ends SQS records as a Lambda event has them. `name` is the queue's full name; its dead-letter queue's is
    `<name>-dlq`."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    @cached_property
    def _url(self) -> str:
        return str(self._client.get_queue_url(QueueName=self._name)["QueueUrl"])

    @cached_property
    def _dead_letters(self) -> str:
        return str(self._client.get_queue_url(QueueName=f"{self._name}-dlq")["QueueUrl"])

    def delete(self, records: Sequence[Record]) -> None:
        """Deletes the records, ten a call. Raises NotDeleted if SQS refuses one."""
        refused = []
        for start in range(0, len(records), BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": record["receiptHandle"]}
                for number, record in enumerate(records[start : start + BATCH])
            ]
            answer = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
            refused += [failed["Code"] for failed in answer.get("Failed", [])]
        if refused:
            raise NotDeleted(refused)

    def delay(self, record: Record, seconds: int) -> None:
        """Hides the record for `seconds`, then it is received again."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds
        )

    def bury(self, record: Record, *, reason: str, error: str, attempts: int, order_id: str | None) -> None:
        """Copies the record to the dead-letter queue, body unchanged, with why as message attributes; then deletes it.

        A crash between the two leaves it in both: it is received once more, and buried a second time.
        """
        told = {"reason": reason, "error": error, "attempts": str(attempts), "order_id": order_id}
        attributes = {key: _attribute(value) for key, value in told.items() if value}
        self._client.send_message(QueueUrl=self._dead_letters, MessageBody=record["body"], MessageAttributes=attributes)
        self.delete([record])


def _attribute(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": _NOT_TAKEN.sub("\ufffd", value)[:LONGEST_ATTRIBUTE]}
