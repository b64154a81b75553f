"""What all events share: the metadata, the wire form, and the registry that every `EventData` subclass enters."""

import json
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from .types import CorrelationId, EventId, OrderId, Producer, Time, Traceparent, True_, Version

NAMESPACE = UUID("6f1c9d0e-4a57-5b0c-9b57-0d7b1e6f2a11")


class ClosedModel(BaseModel):
    """Closed for whoever builds one; `schemas.parse` opens it for readers, who ignore fields they don't know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class EventData(ClosedModel):
    """The data of one event of an order. A subclass names detail-type, source and key in its class statement."""

    DETAIL_TYPE: ClassVar[str]
    SOURCE: ClassVar[str]
    VERSION: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]

    order_id: OrderId = Field(description="the order that the event belongs to")

    def __init_subclass__(
        cls,
        *,
        detail_type: str,
        source: str,
        key: tuple[str, ...] = ("order_id",),
        version: str = "1.0",
        listed: bool = True,
    ) -> None:
        super().__init_subclass__()
        cls.DETAIL_TYPE, cls.SOURCE, cls.KEY, cls.VERSION = detail_type, source, key, version

    @classmethod
    def __pydantic_init_subclass__(cls, *, listed: bool = True, **_: Any) -> None:
        """A class that is not `listed` is a view of one that is (`schemas.personal.impersonal`)."""
        if not listed:
            return
        known = REGISTRY.setdefault((cls.DETAIL_TYPE, cls.major()), cls)
        if known.__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.__name__} and {known.__name__} both declare {cls.DETAIL_TYPE} v{cls.major()}")
        if missing := set(cls.KEY) - set(cls.model_fields):
            raise TypeError(f"{cls.__name__} has no field {sorted(missing)} for its key")

    @classmethod
    def major(cls) -> int:
        """The number that a breaking change raises."""
        return int(cls.VERSION.split(".")[0])

    @classmethod
    def id_for(cls, *key: str) -> str:
        """The event id of this effect: uuid5 of the detail-type, its major and the natural key, the same for ever."""
        return str(uuid5(NAMESPACE, json.dumps([cls.DETAIL_TYPE, cls.major(), *key])))

    def event_id(self) -> str:
        return self.id_for(*(str(getattr(self, field)) for field in self.KEY))


REGISTRY: dict[tuple[str, int], type[EventData]] = {}
"""(detail-type, major) -> class; filled as the classes of `schemas.events` are read."""


class Metadata(ClosedModel):
    """Where an event comes from. Ids are text; `correlation_id` is one per request, `causation_id` is the id of the
    event (or request) that led to this one."""

    event_id: EventId = Field(description="uuid5 of the detail-type and the natural key of the effect")
    version: Version = Field(description="major.minor of the contract")
    occurred_at: Time = Field(description="when the effect took place; the same when it is published again")
    producer: Producer
    correlation_id: CorrelationId
    causation_id: CorrelationId
    traceparent: Traceparent | None = None
    replay: True_ | None = Field(None, description="emitted while a replayed event was handled")
    test: True_ | None = Field(None, description="belongs to a smoke order: nobody is told, nothing is counted")


D = TypeVar("D", bound=EventData, covariant=True)
N = TypeVar("N", bound=EventData)


class Event(ClosedModel, Generic[D]):
    """The detail of an EventBridge entry: `metadata` and `data`."""

    metadata: Metadata
    data: D

    @property
    def event_id(self) -> str:
        return self.metadata.event_id

    @property
    def type(self) -> str:
        return self.data.DETAIL_TYPE

    @property
    def ids(self) -> dict[str, str]:
        """What it is about, for the log and the dead-letter queue."""
        return {
            "order_id": self.data.order_id,
            "event_id": self.event_id,
            "correlation_id": self.metadata.correlation_id,
        }

    def to_json(self) -> str:
        """The detail as it goes on the bus and as it is stored; the same event gives the same text."""
        return self.model_dump_json(exclude_none=True)

    def marked_replay(self) -> Self:
        return self.model_copy(update={"metadata": self.metadata.model_copy(update={"replay": True})})


def envelope_of(contract: type[EventData]) -> Any:
    """The model `Event[contract]`. Typed as Any, because mypy does not know classes that are made at run time."""
    return Event[contract]  # type: ignore[valid-type]


def new_event(
    data: N,
    *,
    at: datetime,
    correlation_id: str,
    causation_id: str,
    traceparent: str | None = None,
    test: bool = False,
) -> Event[N]:
    """The event of an effect that took place at `at`; its id follows from `data` alone."""
    metadata = Metadata(
        event_id=data.event_id(),
        version=data.VERSION,
        occurred_at=at,
        producer=data.SOURCE,
        correlation_id=correlation_id,
        causation_id=causation_id,
        traceparent=traceparent,
        test=test or None,
    )
    event: Event[N] = envelope_of(type(data))(metadata=metadata, data=data)
    return event


def follow_up(cause: Event[EventData], data: N, at: datetime) -> Event[N]:
    """The event of an effect that `cause` led to: same correlation and trace, caused by that event."""
    return new_event(
        data,
        at=at,
        correlation_id=cause.metadata.correlation_id,
        causation_id=cause.event_id,
        traceparent=cause.metadata.traceparent,
        test=bool(cause.metadata.test),
    )
