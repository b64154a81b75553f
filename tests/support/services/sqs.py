"""moto's SQS, which knows nothing of message move tasks: as an endpoint without them answers, such as the embedded AWS,
and as one that has them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError


class WithoutMoves:
    """moto itself raises NotImplementedError, which no endpoint answers."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sqs, name)

    def list_message_move_tasks(self, **asked: Any) -> Any:
        try:
            return self._sqs.list_message_move_tasks(**asked)
        except NotImplementedError:
            error = {"Code": "InvalidAction", "Message": "no such action"}
            raise ClientError({"Error": error}, "ListMessageMoveTasks") from None


class Moves:
    """SQS's own moves of one dead-letter queue, which moto has not: `statuses` are what the moves, the last first, are
    at one look after the other, the last for ever. Starting one while another is under way is refused with `code`."""

    def __init__(self, sqs: Any, *statuses: Sequence[str], code: str = "") -> None:
        self._sqs, self._statuses, self._code = sqs, list(statuses), code
        self.started: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sqs, name)

    def list_message_move_tasks(self, SourceArn: str, MaxResults: int) -> Any:  # noqa: N803  (boto3's names)
        now = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        told = {"ApproximateNumberOfMessagesMoved": 7, "FailureReason": "why"}
        return {"Results": [{"Status": status, **told} for status in now]}

    def start_message_move_task(self, **move: Any) -> Any:
        if self._code:
            error = {"Code": self._code, "Message": "There is already a task running."}
            raise ClientError({"Error": error}, "StartMessageMoveTask")
        with suppress(
            NotImplementedError
        ):  # moto is asked all the same: botocore checks the request, the recorder sees it
            self._sqs.start_message_move_task(**move)
        self.started.append(move)
        return {"TaskHandle": "1"}
