"""A consumer that takes whole batches: one bad record holds up none of the others here either."""

from hypothesis import given
from hypothesis import strategies as st

from consumers.runner.errors import Hopeless, TryLater
from tests.support.consumers.batches import FAILURES, record, run

END = {
    "good": "deleted",
    "garbage": "buried invalid",
    "contract": "buried invalid",
    "hopeless": "buried hopeless",
    "later": "delayed",
    "crash": "delayed",
}
orders = st.lists(st.sampled_from(sorted(END)), max_size=12).map(
    lambda kinds: [f"{kind}-{number}" for number, kind in enumerate(kinds)]
)


class Together:
    """Fails at each order that its id says; remembers which orders it was handed at once."""

    def __init__(self):
        self.calls = []

    def handle_together(self, deliveries):
        self.calls.append([each.event.data.order_id for each in deliveries])
        return [FAILURES.get(order_id.split("-")[0]) for order_id in self.calls[-1]]


@given(orders)
def test_every_record_ends_as_it_deserves_whatever_happens_to_the_others(order_ids):
    handler = Together()
    queue, publisher, error = run([record(order_id) for order_id in order_ids], handler=handler)
    assert {each: queue.kind_of_end(each) for each in order_ids} == {
        each: END[each.split("-")[0]] for each in order_ids
    }
    assert (error is not None) == any(END[each.split("-")[0]] == "delayed" for each in order_ids)
    assert publisher.published == []


@given(orders)
def test_what_can_be_read_of_a_batch_is_handed_over_at_once(order_ids):
    handler = Together()
    run([record(order_id) for order_id in order_ids], handler=handler)
    assert handler.calls == [[each for each in order_ids if each.split("-")[0] not in {"garbage", "contract"}]]


class Broken:
    def __init__(self, error):
        self.error = error

    def handle_together(self, deliveries):
        raise self.error


def test_a_failure_of_the_whole_batch_is_a_failure_of_each_record_that_could_be_read():
    order_ids = ["good-1", "garbage-2", "good-3"]
    queue, _, error = run([record(each) for each in order_ids], handler=Broken(TryLater("S3 is away")))
    assert [queue.kind_of_end(each) for each in order_ids] == ["delayed", "buried invalid", "delayed"]
    assert "2 of 3" in str(error)


def test_what_is_hopeless_for_the_whole_batch_is_dead_lettered_with_the_order_it_is_about():
    queue, _, error = run([record("good-1")], handler=Broken(Hopeless("no such bucket")))
    assert queue.ends["good-1"] == [("buried", "hopeless", "Hopeless: no such bucket", 1, "good-1")]
    assert error is None
