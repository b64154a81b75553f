"""A message to people as SNS puts it into a queue: sentences for them, and beside these the event as data.

{"Type": "Notification", "MessageId": ..., "Timestamp": ..., "Message": "{\\"message\\": ..., \\"event\\": ...}"}
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.parse import ContractError, document_in, pointed
from schemas.types import Time


@dataclass(frozen=True)
class Posting:
    """How SNS carried a message: its own id of it, when it was posted, and what people read."""

    id: str
    posted_at: datetime
    message: str


class _Notification(BaseModel):
    model_config = ConfigDict(strict=True)

    MessageId: str
    Timestamp: Time


class _ToPeople(BaseModel):
    model_config = ConfigDict(strict=True)

    message: str


def posting_of(document: dict[str, Any]) -> Posting | None:
    """The posting in the decoded body of an SQS message, or None if it tells people nothing. Raises ContractError."""
    if document.get("Type") != "Notification":
        return None
    content = document_in(document.get("Message"))
    if "event" not in content:
        return None
    try:
        notification, people = _Notification.model_validate(document), _ToPeople.model_validate(content)
    except ValidationError as error:
        raise ContractError("message", pointed(error)) from None
    return Posting(notification.MessageId, notification.Timestamp, people.message)
