"""The age of each queue's oldest message in the engine's CloudWatch. In AWS, SQS puts it there by itself."""

import threading
from collections.abc import Sequence
from typing import Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from edges.queues import NAMESPACE, Ages, age_metric
from orderwire.console.tell import Tell

LOOK_SECONDS = 5


class AgeReporter:
    """`queues` are full names; `tell` gets what people should see."""

    def __init__(self, cloudwatch: Any, queues: Sequence[str], ages: Ages, tell: Tell) -> None:
        self._cloudwatch, self._queues, self._ages, self._tell = cloudwatch, queues, ages, tell
        self._had_some: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(LOOK_SECONDS):
            try:
                self.report()
            except (BotoCoreError, ClientError, urllib3.exceptions.HTTPError) as error:
                self._tell(f"the age of what waits in queues is not known: {error}")

    def report(self) -> None:
        """Puts the ages; of a queue that has become empty a zero, once, and nothing of one that stays so."""
        found = self._ages(self._queues)
        has_some = set(found)
        due = sorted(has_some | self._had_some)
        self._had_some = has_some
        if due:
            data = [{**age_metric(queue), "Value": float(found.get(queue, 0)), "Unit": "Seconds"} for queue in due]
            self._cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)
