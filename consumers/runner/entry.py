"""The Lambda function of a consumer: `on_records = LambdaEntry(CONSUMER, build)` in its module.

Chalice deploys it as `consumers.<name>.on_records`, so a cold start imports that module and neither app.py nor Chalice.
The developer's machine calls it the same way, with the same event and context.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from consumers.declaration import Consumer
from consumers.runner.batch import AnyHandler, run_batch
from consumers.runner.queue import SourceQueue
from edges.connect import Connected, Edges, connect
from edges.log import logger


class LambdaEntry(Connected):
    """Called with a Lambda SQS event and context. `build` makes the consumer's handler, once per process, of the edges
    that `edges` returns."""

    __name__ = "on_records"

    def __init__(
        self,
        consumer: Consumer,
        build: Callable[[Edges], AnyHandler],
        edges: Callable[[], Edges] = connect,
    ) -> None:
        super().__init__(edges)
        self._consumer, self.build = consumer, build

    @cached_property
    def _handler(self) -> AnyHandler:
        return self.build(self._edges)

    @cached_property
    def _queue(self) -> SourceQueue:
        return SourceQueue(self._edges.clients.sqs, self._edges.settings.name(self._consumer.name))

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:
        run_batch(
            event["Records"],
            self._consumer,
            self._handler,
            self._queue,
            self._edges.publisher,
            lambda: float(context.get_remaining_time_in_millis()) / 1000,
            self._edges.settings.retry_seconds,
            logger(self._consumer.name),
        )
