"""moto's SQS as an endpoint that has no message move tasks, such as the embedded AWS, answers."""

from typing import Any

from botocore.exceptions import ClientError


class WithoutMoves:
    """moto itself raises NotImplementedError, which no endpoint answers."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sqs, name)

    def start_message_move_task(self, **move: Any) -> Any:
        try:
            return self._sqs.start_message_move_task(**move)
        except NotImplementedError:
            error = {"Code": "InvalidAction", "Message": "no such action"}
            raise ClientError({"Error": error}, "StartMessageMoveTask") from None
