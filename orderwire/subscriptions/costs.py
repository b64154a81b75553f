"""What a subscription costs in a month. Pure.

The event itself is paid for when it is published, however many rules hear it, and so is its delivery within the
account. What comes on top depends on the target. Free tiers, retries, and what a target does with the event are not
counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from infrastructure.subscriptions.targets import Arn

REGION, AS_OF = "us-east-1", "2026-03"
"""Where and when the prices below hold; in most regions they are the same or a little higher. Sources: the price pages
of EventBridge, SQS, SNS and Lambda; for delivery to other accounts AWS's price list (usage type Invocation-64K-Chunks,
operation CrossAccountInvoke-CustomEvent)."""

TO_A_BUS, TO_ANOTHER_ACCOUNT = Decimal("1.00"), Decimal("0.05")
SQS_REQUEST, SNS_REQUEST, LAMBDA_REQUEST = Decimal("0.40"), Decimal("0.50"), Decimal("0.20")
"""Dollars per million. EventBridge, SQS and SNS count each 64 kB of an event."""

SNS_MAIL, LAMBDA_GB_SECOND = Decimal("0.00002"), Decimal("0.0000166667")
"""Dollars for one."""

MILLION = 1_000_000
CHUNK, AROUND = 64 * 1024, 1024
"""Bytes that AWS counts as an event, and that are taken to be around the data of one."""

MEMORY_GB, SECONDS = Decimal("0.125"), Decimal("0.1")
"""What a function is taken to need for an event."""

MONTH = timedelta(hours=730)
"""As AWS's own calculator has it."""

SERVICES = ("sqs", "sns", "lambda", "events")


@dataclass(frozen=True)
class Cost:
    """One line of the bill. `formula` says in words how `dollars` come about; `payer` is `bus` for the account of the
    event bus, `target` for that of the target."""

    what: str
    formula: str
    payer: str
    dollars: Decimal


@dataclass(frozen=True)
class Deliveries:
    """How many events are delivered, and of how many chunks of 64 kB they are."""

    events: int
    chunks: int

    def a_month(self, covered: timedelta) -> "Deliveries":
        """As many as there will be if every month is like the time covered."""
        return Deliveries(round(self.events * (MONTH / covered)), round(self.chunks * (MONTH / covered)))


def chunks(data: str) -> int:
    """How many events AWS counts for one with this data."""
    return -(-(len(data.encode()) + AROUND) // CHUNK)


def costs(service: str, elsewhere: bool, read_by_mail: bool, a_month: Deliveries) -> list[Cost]:
    """What this many deliveries cost in a month. `service` is that of the target's ARN; `elsewhere` is another account;
    `read_by_mail` says that one person reads them by e-mail."""
    return [*_delivery(service, elsewhere, a_month), *_target(service, read_by_mail, a_month)]


def _delivery(service: str, elsewhere: bool, a_month: Deliveries) -> Iterator[Cost]:
    if service == "events":
        what = f"an event that goes to another bus, ${TO_A_BUS} per million"
        yield Cost("EventBridge", what, "bus", a_month.chunks * TO_A_BUS / MILLION)
    elif elsewhere:
        what = f"a delivery to another account, ${TO_ANOTHER_ACCOUNT} per million"
        yield Cost("EventBridge", what, "bus", a_month.chunks * TO_ANOTHER_ACCOUNT / MILLION)


def _target(service: str, read_by_mail: bool, a_month: Deliveries) -> Iterator[Cost]:
    events = a_month.events
    if service == "sqs":
        what = f"3 requests an event (send, receive, delete), ${SQS_REQUEST} per million"
        yield Cost("SQS", what, "target", (2 * a_month.chunks + events) * SQS_REQUEST / MILLION)
    elif service == "sns":
        what = f"a request an event, ${SNS_REQUEST} per million"
        yield Cost("SNS", what, "target", a_month.chunks * SNS_REQUEST / MILLION)
        if read_by_mail:
            what = f"an e-mail an event to one address, ${SNS_MAIL * 100_000:.2f} per 100000"
            yield Cost("SNS", what, "target", events * SNS_MAIL)
    elif service == "lambda":
        what = f"an invocation an event, ${LAMBDA_REQUEST} per million"
        yield Cost("Lambda", what, "target", events * LAMBDA_REQUEST / MILLION)
        what = f"{SECONDS} s an event with {MEMORY_GB} GB, ${LAMBDA_GB_SECOND} per GB and second"
        yield Cost("Lambda", what, "target", events * SECONDS * MEMORY_GB * LAMBDA_GB_SECOND)


def costs_of(target: Arn, a_month: Deliveries) -> list[Cost]:
    """Our own topics are taken to have one reader, whom a stage names."""
    return costs(target.service, target.is_elsewhere, target.topic is not None, a_month)
