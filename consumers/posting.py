"""A message to people as SNS puts it into a queue: sentences for them, and beside these the event as data.

{"Type": "Notification", "MessageId": ..., "Timestamp": ..., "Message": "{\\"message\\": ..., \\"event\\": ...}"}
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.parse import ContractError, load_json, pointed
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


def posting_of(body: str) -> Posting | None:
    """The posting in an SQS body, or None if it holds no message to people. Raises ContractError."""
    document = load_json(body)
    if document.get("Type") != "Notification":
        return None
    content = load_json(document["Message"])
    if "event" not in content:
        return None
    try:
        notification, people = _Notification.model_validate(document), _ToPeople.model_validate(content)
    except ValidationError as error:
        raise ContractError("message", pointed(error)) from None
    return Posting(notification.MessageId, notification.Timestamp, people.message)
