"""The consumers as a whole: their declarations, and their registration with Chalice."""

from collections.abc import Iterator
from importlib import import_module

from chalice.app import Blueprint, Chalice

from consumers import NAMES
from consumers.declaration import Consumer
from edges.settings import Settings


def consumers() -> Iterator[Consumer]:
    """The `CONSUMER` of every consumer, in the order of `consumers.NAMES`."""
    for name in NAMES:
        consumer: Consumer = import_module(f"consumers.{name}").CONSUMER
        if consumer.name.replace("-", "_") != name:
            raise ValueError(f"consumers/{name}.py declares a consumer named {consumer.name}")
        yield consumer


def names() -> list[str]:
    """The name of every consumer, without importing any."""
    return [name.replace("_", "-") for name in NAMES]


def register(app: Chalice, settings: Settings) -> None:
    """Gives every consumer its queue as trigger. The function is `consumers.<module>.on_records`, and stays it: Chalice
    never changes the handler of a function that is deployed, which a module under another name would leave without."""
    for name in NAMES:
        module = import_module(f"consumers.{name}")
        row: Consumer = module.CONSUMER
        blueprint = Blueprint(module.__name__)
        blueprint.on_sqs_message(
            queue=settings.name(row.name),
            name=row.name.replace("-", "_"),
            batch_size=row.batch_size,
            maximum_batching_window_in_seconds=row.window,
            maximum_concurrency=row.concurrency,
        )(module.on_records)
        app.register_blueprint(blueprint)
