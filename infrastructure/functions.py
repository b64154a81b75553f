"""Every Lambda function of a stage, from the consumers' declarations and the API's."""

from collections.abc import Iterator

from checkout_api.functions import FUNCTIONS
from consumers.declaration import Consumer
from consumers.registry import consumers
from edges.functions import Function


def functions() -> Iterator[Function]:
    """The API's functions, then the consumers'. Names are Chalice's: `order_log` for the consumer `order-log`."""
    yield from FUNCTIONS
    for consumer in consumers():
        yield consumer_function(consumer)


def consumer_function(consumer: Consumer) -> Function:
    return Function(
        name=consumer.name.replace("-", "_"),
        timeout=consumer.timeout,
        memory=consumer.memory,
        grants=consumer.grants,
    )
