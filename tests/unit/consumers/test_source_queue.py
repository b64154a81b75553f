"""The batch runner against SQS itself, as moto has it: deleted, delayed and dead-lettered messages."""

import pytest

from consumers.runner.queue import NotDeleted, SourceQueue
from tests.support.consumers.batches import CONSUMER, body, record, run
from tests.support.edges import moto_edges


class Queues:
    """A consumer's queue and dead-letter queue on moto, and messages in it as Lambda would hand them over."""

    def __init__(self, edges):
        self._client = edges.clients.sqs
        name = edges.settings.name(CONSUMER.name)
        self.dead = self._client.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
        self.url = self._client.create_queue(QueueName=name)["QueueUrl"]
        self.source = SourceQueue(self._client, name)

    def send(self, *order_ids):
        for order_id in order_ids:
            self._client.send_message(QueueUrl=self.url, MessageBody=body(order_id))

    def receive(self, receives=1):
        answer = self._client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": str(receives)},
            }
            for message in answer["Messages"]
        ]

    def left(self):
        """How many messages are in the queue, hidden ones included."""
        told = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return sum(int(told[f"ApproximateNumberOfMessages{state}"]) for state in ("", "NotVisible", "Delayed"))

    def dead_letters(self):
        answer = self._client.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return answer.get("Messages", [])


def test_a_batch_ends_in_sqs_as_it_should():
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send("good-1", "garbage-1", "hopeless-1", "later-1")
        _, publisher, error = run(queue.receive(), queue.source)
        assert error
        assert len(publisher.published) == 1
        assert queue.left() == 1
        dead = {letter["Body"]: letter["MessageAttributes"] for letter in queue.dead_letters()}
        assert set(dead) == {body("garbage-1"), body("hopeless-1")}
        told = {name: value["StringValue"] for name, value in dead[body("hopeless-1")].items()}
        assert told == {"reason": "hopeless", "error": "Hopeless: never", "attempts": "1", "order_id": "hopeless-1"}


@pytest.mark.parametrize("missing", ["attributes", "body", "receiptHandle", "messageId"])
def test_a_record_that_is_none_of_sqs_fails_the_batch_and_holds_up_no_other(missing):
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send("good-1", "later-1")
        records = queue.receive()
        strange = {key: value for key, value in records[1].items() if key != missing}
        _, _, error = run([strange, records[0]], queue.source)
        assert error
        assert queue.left() == 1


def test_an_error_that_sqs_would_not_take_is_made_fit_for_it():
    sent = []

    class Client:
        def get_queue_url(self, QueueName):  # noqa: N803
            return {"QueueUrl": QueueName}

        def send_message(self, **message):
            sent.append(message)

        def delete_message_batch(self, **_):
            return {}

    error = "\x00\x0b bad \ud800 \uffff tab\t fine " + "😀" * 2000
    SourceQueue(Client(), "q").bury(record("good-1"), reason="failed", error=error, attempts=5, order_id=None)
    [message] = sent
    assert (message["QueueUrl"], message["MessageBody"]) == ("q-dlq", body("good-1"))
    assert set(message["MessageAttributes"]) == {"reason", "error", "attempts"}
    told = message["MessageAttributes"]["error"]["StringValue"]
    assert told.startswith("\ufffd\ufffd bad \ufffd \ufffd tab\t fine 😀")
    assert len(told) == 1000


def test_a_message_is_buried_before_it_is_deleted_so_that_a_crash_loses_nothing():
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send("hopeless-1")
        [received] = queue.receive()
        run([{**received, "receiptHandle": "expired"}], queue.source)
        assert [letter["Body"] for letter in queue.dead_letters()] == [body("hopeless-1")]
        assert queue.left() == 1


def test_sqs_refusing_to_delete_is_an_error():
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send(*(f"quiet-{number}" for number in range(12)))
        records = [*queue.receive(), *queue.receive()]
        records[10] = {**records[10], "receiptHandle": "expired"}
        with pytest.raises(NotDeleted, match="ReceiptHandleIsInvalid"):
            queue.source.delete(records)
        assert queue.left() == 1
