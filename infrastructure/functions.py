"""Every Lambda function of a stage, from the consumers' declarations and the API's."""

from collections.abc import Iterator

from checkout_api.functions import FUNCTIONS
from consumers.declaration import Consumer
from consumers.registry import consumers
from edges.functions import Function

API_HANDLER = "api_handler"


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


def lambda_name(function: Function, stage: str) -> str:
    """What Chalice calls the function in Lambda; the API handler has no name of its own there."""
    return f"orderwire-{stage}" if function.name == API_HANDLER else f"orderwire-{stage}-{function.name}"
