"""The claim protocol: an effect that no transaction covers, such as a charge or a mail, is one attempt's at a time.

The row of an order says in its claim which attempt is at its next effect. Three rules keep an effect from being
forgotten:

- A claim is made in the very write that makes its effect due, for the event that did so: its cause. As long as the
  claim stands, that event's message is not finished, whoever is at it: it is the one that is sure to come again.
- An attempt that ends without knowing gives its claim up; one that dies leaves it until its lease is over. Either may
  be taken over by an attempt at any event of the order. Then it is somebody else's, and its cause stays.
- When the effect is taken and another is due, the claim on that one is for the same cause.

Pure functions; what is claimed, and what becomes of it, is for whoever claims.
"""

from datetime import datetime, timedelta
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict

from edges.publisher import AnyEvent
from schemas.envelope import Event, EventData, new_event
from schemas.types import Time

NOBODY = ""

D = TypeVar("D", bound=EventData)


class Cause(BaseModel):
    """The event that an effect is taken for: its id (`cause`), and what the events that follow inherit from it.

    `replayed` says that it was heard as a replay, so that what follows is published as one. Rows of an earlier release
    say neither that nor the correlation id.
    """

    model_config = ConfigDict(frozen=True)

    cause: str
    correlation_id: str | None = None
    traceparent: str | None = None
    replayed: bool = False

    @classmethod
    def of(cls, event: AnyEvent, replayed: bool) -> Self:
        known = event.metadata
        return cls(
            cause=event.event_id,
            correlation_id=known.correlation_id,
            traceparent=known.traceparent,
            replayed=replayed,
        )

    def passed_on(self) -> "Cause":
        """The cause alone, of a claim too, for a claim on what is due next."""
        return Cause.model_validate({name: getattr(self, name) for name in Cause.model_fields})

    def follow_up(self, data: D, at: datetime, test: bool) -> Event[D]:
        """The event of an effect that was taken for this cause."""
        return new_event(
            data,
            at=at,
            correlation_id=self.correlation_id or self.cause,
            causation_id=self.cause,
            traceparent=self.traceparent,
            test=test,
        )


class Claim(Cause):
    """Since when (`at`) and under which token (`by`) an attempt is at an effect; NOBODY once it has given up."""

    at: Time
    by: str = NOBODY


C = TypeVar("C", bound=Claim)


def own(claim: C | None, by: str) -> C | None:
    """The claim, if the attempt `by` holds it."""
    return claim if claim is not None and claim.by == by else None


def free(claim: Claim, now: datetime, lease: timedelta) -> bool:
    """Whether nobody can be at it any more: its attempt gave up, or made it longer ago than it can have lived."""
    return claim.by == NOBODY or now - claim.at > lease


def taken_over(claim: C, by: str, now: datetime) -> C:
    """The claim as that of the attempt `by`; what it was made for stays."""
    return claim.model_copy(update={"at": now, "by": by})


def given_back(claim: C) -> C:
    """The claim of an attempt that ends without knowing: the next one need not wait."""
    return claim.model_copy(update={"by": NOBODY})


def left_to_its_cause(claim: Claim, event_id: str, replayed: bool) -> bool:
    """Whether an attempt at this event that fails at the claim is done all the same: a replay that took over what
    another event stands for. That event comes again; a replay has nobody to call."""
    return replayed and claim.cause != event_id


def unfinished(claim: Claim | None, event_id: str) -> bool:
    """Whether the message of this event must come again, because it is the one that stands for the claim."""
    return claim is not None and claim.cause == event_id
