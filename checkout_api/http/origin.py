"""Where a request comes from, as far as the events that follow from it say so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from schemas.envelope import Event, EventData, new_event
from schemas.types import CorrelationId, Traceparent

D = TypeVar("D", bound=EventData)

_CORRELATION: TypeAdapter[str] = TypeAdapter(CorrelationId)
_TRACEPARENT: TypeAdapter[str] = TypeAdapter(Traceparent)
_NO_TRACE = re.compile(f"00-(?:{'0' * 32}-.*|.*-{'0' * 16}-..)")
"""Zeros: to W3C no trace, or no span of one."""


@dataclass(frozen=True)
class Origin:
    """`test` says that what the request leads to only tests the shop: see `metadata.test` of an event."""

    request_id: str
    correlation_id: str
    traceparent: str | None = None
    test: bool = False

    def event(self, data: D, at: datetime) -> Event[D]:
        """The event of what this request led to."""
        return new_event(
            data,
            at=at,
            correlation_id=self.correlation_id,
            causation_id=self.request_id,
            traceparent=self.traceparent,
            test=self.test,
        )


def origin_of(headers: Mapping[str, str], request_id: str) -> Origin:
    """Takes X-Correlation-Id and traceparent from the client if they are well formed, else goes without."""
    traceparent = _valid(_TRACEPARENT, headers.get("traceparent"))
    return Origin(
        request_id=request_id,
        correlation_id=_valid(_CORRELATION, headers.get("x-correlation-id")) or request_id,
        traceparent=None if _NO_TRACE.fullmatch(traceparent or "") else traceparent,
    )


def _valid(form: TypeAdapter[str], text: str | None) -> str | None:
    try:
        return form.validate_python(text)
    except ValidationError:
        return None
