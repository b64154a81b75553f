"""Records what the embedded AWS hands to a Lambda function behind a queue.

Run: `python -m tests.support.schemas.record_events`.

Three ways lead an event there: from the bus by a rule, from a rule by way of an SNS topic, and from a replay of the
archive. The files in `tests/events/` are the Lambda events as they came, of events made up here.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from orderwire.machine.engine.process import Engine
from orderwire.machine.pollers.records import lambda_record
from orderwire.machine.ports import free_port
from orderwire.workplace.home import Home
from orderwire.workplace.stage import REGION, EngineSession
from schemas.envelope import Event, EventData
from schemas.events import OrderItem, PaymentCompleted
from tests.support.events import created, event

HOME = Path(__file__).parents[2] / "events"
BUS = "orders-recording"
SECONDS = 600
AT = datetime(2026, 11, 20, 9, 30, 0, 123000, tzinfo=UTC)
ORDER = created(
    "ord_0a1b2c3d4e5f6g7h8j9k0m1n2p",
    items=[
        OrderItem(sku="9780141439518", name="Pride and Prejudice", quantity=2, unit_price=Decimal("9.99")),
        OrderItem(sku="9780465026562", name="Gödel, Escher, Bach", quantity=1, unit_price=Decimal("27.90")),
    ],
    total=Decimal("57.88"),
    placed_at=AT,
)
PAID = PaymentCompleted(
    order_id=ORDER.order_id, amount=Decimal("57.88"), currency="EUR", method="card", reference="sandbox-1"
)
EVENTS: list[Event[EventData]] = [event(ORDER, AT), event(PAID, AT + timedelta(seconds=1))]

Client = Callable[[str], Any]


@contextmanager
def engine(folder: Path) -> Iterator[Client]:
    """An embedded AWS of its own; returns clients by service name."""
    with Engine(Home(folder), free_port(), REGION) as running:
        yield EngineSession(running.endpoint).client


def recorded(client: Client) -> dict[str, Any]:
    """File name -> Lambda event, from an embedded AWS that has nothing of ours in it yet."""
    bus = client("events").create_event_bus(Name=BUS)["EventBusArn"]
    archive = client("events").create_archive(ArchiveName="recording", EventSourceArn=bus)["ArchiveArn"]
    direct, by_topic = queue(client, "direct"), queue(client, "by-topic")
    topic = client("sns").create_topic(Name="recording")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=by_topic[1])
    rules = [rule(client, name, target) for name, target in (("direct", direct[1]), ("topic", topic))]
    begun = datetime.now(UTC)
    publish(client)
    files = {
        "sqs_eventbridge.json": receive(client, *direct),
        "sqs_sns_eventbridge.json": receive(client, *by_topic),
    }
    client("events").start_replay(
        ReplayName="recording-again",
        EventSourceArn=archive,
        EventStartTime=begun - timedelta(minutes=1),
        EventEndTime=datetime.now(UTC) + timedelta(minutes=1),
        Destination={"Arn": bus, "FilterArns": rules[:1]},
    )
    return files | {"sqs_eventbridge_replay.json": receive(client, *direct)}


def queue(client: Client, name: str) -> tuple[str, str]:
    """(URL, ARN)"""
    url = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    told = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, told["Attributes"]["QueueArn"]


def rule(client: Client, name: str, target: str) -> str:
    pattern = json.dumps({"source": [{"prefix": "orderwire."}]})
    arn = client("events").put_rule(Name=name, EventBusName=BUS, EventPattern=pattern)["RuleArn"]
    client("events").put_targets(Rule=name, EventBusName=BUS, Targets=[{"Id": "target", "Arn": target}])
    return str(arn)


def publish(client: Client) -> None:
    entries = [
        {"EventBusName": BUS, "Source": each.data.SOURCE, "DetailType": each.type, "Detail": each.to_json()}
        for each in EVENTS
    ]
    answer = client("events").put_events(Entries=entries)
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"not published: {answer}")


def receive(client: Client, url: str, arn: str) -> dict[str, Any]:
    """The Lambda event of a batch of both messages, which are deleted."""
    found: list[Any] = []
    deadline = monotonic() + SECONDS
    while len(found) < len(EVENTS) and monotonic() < deadline:
        found += (
            client("sqs")
            .receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageSystemAttributeNames=["All"]
            )
            .get("Messages", [])
        )
    for message in found:
        client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return {"Records": [lambda_record(message, arn) for message in found]}


def main() -> None:
    with TemporaryDirectory() as folder, engine(Path(folder)) as client:
        for name, lambda_event in recorded(client).items():
            (HOME / name).write_text(json.dumps(lambda_event, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
