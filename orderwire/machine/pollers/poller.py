"""Polls one consumer's queue and calls the consumer, as Lambda would."""

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from consumers.declaration import Consumer
from consumers.runner.batch import BatchIncomplete
from edges.clock import Clock
from orderwire.console.tell import Tell
from orderwire.machine.pollers.records import LARGEST_RECEIVE, Message, collect, lambda_record

MOST_THREADS = 2
"""Of what a consumer's concurrency allows, as many are run here: one machine gains nothing from more."""
IDLE_SECONDS = 0.2

Entry = Callable[[Mapping[str, Any], Any], Any]
"""A Lambda function: (event, context) -> anything."""


@dataclass(frozen=True)
class LocalContext:
    """What of Lambda's context object a consumer may use. A debugger may outstay the time; nothing is cut off."""

    function_name: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    monotonic: Callable[[], float]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - self.monotonic()) * 1000))


class PolledQueue:
    """A consumer's queue as its poller uses it. `name` is the queue's full name."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    @cached_property
    def url(self) -> str:
        return str(self._client.get_queue_url(QueueName=self._name)["QueueUrl"])

    @cached_property
    def arn(self) -> str:
        answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def receive(self, most: int, wait: int) -> Sequence[Message]:
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=most,
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: Sequence[Message] = answer.get("Messages", [])
        return messages

    def delete(self, messages: Sequence[Message]) -> None:
        """Deletes what is still there. A message that stays is received again, as it would be by Lambda."""
        for start in range(0, len(messages), LARGEST_RECEIVE):
            chunk = messages[start : start + LARGEST_RECEIVE]
            entries = [{"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]} for number, each in enumerate(chunk)]
            self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)


@dataclass(frozen=True)
class Poller:
    """A consumer's event source mapping. `paused` is asked before each receive; `tell` gets what people should see."""

    consumer: Consumer
    entry: Entry
    queue: PolledQueue
    clock: Clock
    token: Callable[[], str]
    paused: Callable[[], bool]
    tell: Tell

    def threads(self, stop: threading.Event) -> list[threading.Thread]:
        """Threads, not started, that poll until `stop` is set and the batch in hand is finished."""
        name = self.consumer.name
        count = min(self.consumer.concurrency, MOST_THREADS)
        return [threading.Thread(target=self.run, args=(stop,), name=f"{name}-{n}", daemon=True) for n in range(count)]

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if self.paused():
                stop.wait(IDLE_SECONDS)
                continue
            try:
                self.poll()
            except (BotoCoreError, ClientError) as error:
                self.tell(f"{self.consumer.name}: the queue does not answer: {error}")
                stop.wait(1)

    def poll(self) -> int:
        """Takes a batch to the consumer and returns its size. What the consumer failed at stays in the queue."""
        row = self.consumer
        messages = collect(self.queue.receive, row.batch_size, row.window, self.clock)
        if messages and self._call([lambda_record(each, self.queue.arn) for each in messages]):
            self.queue.delete(messages)
        return len(messages)

    def _call(self, records: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the function returned. It has already logged each record of a batch that it left incomplete."""
        try:
            self.entry({"Records": records}, self._context())
        except BatchIncomplete:
            return False
        except Exception:
            self.tell(f"{self.consumer.name} failed:\n{traceback.format_exc()}")
            return False
        return True

    def _context(self) -> LocalContext:
        now, row = self.clock.monotonic, self.consumer
        return LocalContext(row.name, row.memory, self.token(), now() + row.timeout, now)
