"""The tests that every subscriber's handler must pass, for pytest: subclass `SubscriberTests` in your own tests.

EventBridge and SQS deliver at least once and in any order, and within a major version fields are added. A handler that
passes these tests ends in the same state whatever of that happens:

    class TestLoyalty(SubscriberTests):
        hears = (OrderCreated, PaymentCompleted)
        discloses = frozenset({"customer_id"})

        def subject(self):
            return Loyalty({})

A law that does not hold for your consumer on purpose is switched off by its name: `test_... = None`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, ClassVar, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .contracts.envelope import Event, EventData
from .contracts.personal import personal_fields
from .examples import entry, examples
from .strategies import about

Record = dict[str, Any]


class Subject(Protocol):
    """A consumer in a fresh state."""

    def handle(self, record: Record) -> None:
        """Takes one record as it is delivered; raises for what it cannot handle."""

    def state(self) -> Any:
        """All that handling changes, to be compared with `==`."""


def from_eventbridge(event: Record) -> Record:
    return event


def from_sqs(event: Record) -> Record:
    """A record of the Lambda event of a queue that the rule sends to."""
    return {"messageId": event["id"], "body": json.dumps(event), "attributes": {}, "eventSource": "aws:sqs"}


def from_sns(event: Record) -> Record:
    """A record of the Lambda event of a topic that the rule sends to."""
    return {"EventSource": "aws:sns", "Sns": {"MessageId": event["id"], "Message": json.dumps(event)}}


def from_sns_and_sqs(event: Record) -> Record:
    """A record of the Lambda event of a queue that is subscribed to that topic."""
    return from_sqs({"id": event["id"], "Type": "Notification", "Message": json.dumps(event)})


WRAPPERS = (from_eventbridge, from_sqs, from_sns, from_sns_and_sqs)


class SubscriberTests:
    """`hears` are the events of the rule, `discloses` the personal fields that its file names. `wrappers` are the ways
    in which the events arrive; all of them if you use `orderwire_events.parse`.
    """

    hears: ClassVar[tuple[type[EventData], ...]]
    discloses: ClassVar[frozenset[str]] = frozenset()
    wrappers: ClassVar[Sequence[Any]] = WRAPPERS

    def subject(self) -> Subject:
        raise NotImplementedError("subject() makes a consumer in a fresh state")

    def told(self, event: Event[EventData]) -> Record:
        """The event as the rule delivers it: without the personal fields that it does not disclose."""
        delivered = entry(event)
        for name in personal_fields(type(event.data)) - self.discloses:
            delivered["detail"]["data"].pop(name, None)
        return delivered

    def after(self, records: Iterable[Record], wrapper: Any = from_sqs) -> Any:
        """The state of a fresh consumer that has handled these."""
        subject = self.subject()
        for record in records:
            subject.handle(wrapper(deepcopy(record)))
        return subject.state()

    def records(self, *orders: str) -> list[Record]:
        """The newest example of each event for each of these orders."""
        return [self.told(about(examples(contract)[-1], order_id=order)) for order in orders for contract in self.hears]

    def test_every_example_is_handled_however_it_is_wrapped(self) -> None:
        for event in self._every_example():
            expected = self.after([self.told(event)], self.wrappers[0])
            for wrapper in self.wrappers[1:]:
                assert self.after([self.told(event)], wrapper) == expected, wrapper.__name__

    def test_what_it_hears_changes_something(self) -> None:
        """Else all that follows would hold of a handler that does nothing."""
        assert self.after(self.records("ord_1")) != self.after([])

    def test_a_repeated_event_changes_nothing(self) -> None:
        records = self.records("ord_1")
        twice = [record for record in records for _ in range(2)]
        assert self.after(twice) == self.after(records)
        assert self.after(records + records) == self.after(records)

    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    @given(picks=st.data())
    def test_neither_order_nor_repetition_of_events_matters(self, picks: st.DataObject) -> None:
        records = self.records("ord_1", "ord_2")
        repeated = records + picks.draw(st.lists(st.sampled_from(records), max_size=4), label="repeated")
        shuffled = picks.draw(st.permutations(repeated), label="delivered")
        assert self.after(shuffled) == self.after(records)

    def test_fields_that_a_later_version_adds_change_nothing(self) -> None:
        records = self.records("ord_1")
        later = deepcopy(records)
        for record in later:
            metadata, data = record["detail"]["metadata"], record["detail"]["data"]
            metadata["version"] = metadata["version"].partition(".")[0] + ".9999"
            metadata["added_later"] = data["added_later"] = {"by": ["a", "later", "version"]}
        assert self.after(later) == self.after(records)

    def test_an_event_that_breaks_its_contract_is_refused_and_changes_nothing(self) -> None:
        for record in self.records("ord_1"):
            del record["detail"]["data"]["order_id"]
            subject = self.subject()
            before = deepcopy(subject.state())
            with pytest.raises(Exception):  # noqa: B017, PT011 (which one is the subscriber's own choice)
                subject.handle(from_sqs(record))
            assert subject.state() == before

    def _every_example(self) -> Iterator[Event[EventData]]:
        for contract in self.hears:
            yield from examples(contract)
