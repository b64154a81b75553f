"""An event that waits in a row comes back as it went in, and only to the event that caused it."""

import pytest

from tables.stored_event import StoredEvent, caused_by
from tests.support.events import event, one_of_each

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("original", one_of_each(), ids=lambda each: each.type)
def test_a_stored_event_is_published_again_to_the_last_byte(original):
    again = StoredEvent.of(original).event()
    assert again == original
    assert again.to_json() == original.to_json()


def test_a_stored_event_keeps_its_trace_and_its_test_mark():
    original = event(one_of_each()[0].data, traceparent=TRACE, test=True)
    assert StoredEvent.of(original).event() == original


def test_only_what_an_event_led_to_is_found_by_it():
    stored = [StoredEvent.of(each) for each in one_of_each()[:3]]  # all caused by the request req-1
    assert [each.type for each in caused_by("req-1", stored)] == [each.type for each in stored]
    assert caused_by("req-2", stored) == []
