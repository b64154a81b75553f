"""What tells people that something is wrong: CloudWatch alarms to a topic of their own.

They follow from the declarations: a consumer, a rule, a function, a table has its alarms because it is there. An alarm
is named after the section of docs/runbook.md that says what to do, and after what it watches.

Most metrics here have a datapoint only when something happened, so missing data is as it should be; only where silence
itself is the trouble (`sweep-silent`, `no-orders`) it counts as trouble. Every alarm takes AWS's standard resolution:
$0.10 a month for each metric that it reads.
"""

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase

from consumers.declaration import Consumer
from edges.dead_letters import UNDELIVERED
from edges.functions import SWEEP, Function
from edges.metrics import ENTRIES_REFUSED, ORDERS_PLACED
from infrastructure.alarms.alarm import (
    DAY,
    HOUR,
    MINUTE,
    MOST_CONCURRENCY,
    ORDERS_EXPECTED,
    QUIET,
    Alarm,
)
from infrastructure.alarms.metrics import (
    CONCURRENCY,
    of_api,
    of_function,
    of_queue,
    of_rule,
    of_topic,
    own,
    throttles,
)
from infrastructure.resources.topics import EVERY_TOPIC
from infrastructure.subscriptions.model import SubscriptionFile
from tables import declaration

FEW_FAIL, SLOWEST = 0.05, 3000
"""The share of the API's requests that may fail, and the p99 of their latency in milliseconds that is acceptable: a
cold start stays below it."""
MOSTLY_FAIL = 50
"""Percent of a function's invocations. The batch runner raises for a batch in which one record failed, so a flaky card
counts as an error of the function: with five records in a batch, half of the batches fail when every seventh record
does."""


def alarms(
    consumers: Iterable[Consumer],
    files: Iterable[SubscriptionFile],
    functions: Iterable[Function],
    tables: Iterable[declaration.Table],
) -> Iterator[Alarm]:
    for consumer in consumers:
        yield from of_consumer(consumer)
    yield from dead_letters("subscriptions", UNDELIVERED)
    for file in files:
        yield undelivered(file.name)
    yield from map(unposted, EVERY_TOPIC)
    for function in functions:
        yield from of_one_function(function)
    yield from map(throttled_table, tables)
    yield from (api_failing(), api_slow(), entries_refused(), no_orders(), concurrency())


def of_consumer(consumer: Consumer) -> Iterator[Alarm]:
    yield from dead_letters(consumer.name, consumer.dead_letters)
    yield late(consumer)
    if not consumer.topic:
        yield undelivered(consumer.name)


def dead_letters(subject: str, queue: str) -> Iterator[Alarm]:
    """Both alarms watch how many messages are visible. NumberOfMessagesSent leaves out what SQS itself moves to the
    queue; the age of the oldest message leaves out what was received more than three times, and each look at the
    messages is a receive. The first alarm's period is five minutes, because a look hides messages for one. The second
    is raised when no hour of a day was without dead letters, the same ones or others."""
    yield Alarm(
        "dead-letters",
        subject,
        f"Messages for {subject} could not be handled or delivered, and wait for a person.",
        (of_queue("ApproximateNumberOfMessagesVisible", queue),),
    )
    yield Alarm(
        "dead-letters-old",
        subject,
        f"Messages for {subject} have waited for a person all day; after fourteen SQS deletes them.",
        (of_queue("ApproximateNumberOfMessagesVisible", queue),),
        period=HOUR,
        periods=DAY // HOUR,
    )


def late(consumer: Consumer) -> Alarm:
    """Three minutes in a row, so that one slow batch raises nothing. SQS leaves messages that were received more than
    three times out of the age, so one that is retried for an hour does not count as a queue that is late."""
    return Alarm(
        "late",
        consumer.name,
        f"{consumer.name} is behind: its oldest message is older than {consumer.objective} s.",
        (of_queue("ApproximateAgeOfOldestMessage", consumer.name),),
        above=consumer.objective,
        period=MINUTE,
        periods=3,
    )


def undelivered(rule: str) -> Alarm:
    """EventBridge retries for a day. After that the event is in the dead-letter queue or, if it counts in the third
    metric, lost. One datapoint of three is enough, because EventBridge's may come late."""
    names = ("FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq")
    return Alarm(
        "undelivered",
        rule,
        f"The rule {rule} matched events that EventBridge could not deliver.",
        tuple(of_rule(each, rule) for each in names),
        math=total(names),
        periods=3,
        breaches=1,
    )


def total(metrics: Sequence[object]) -> str:
    """The sum of so many metrics, of which any may be missing."""
    return " + ".join(f"FILL({letter}, 0)" for letter in ascii_lowercase[: len(metrics)])


def unposted(topic: str) -> Alarm:
    names = ("NumberOfNotificationsFailed", "NumberOfNotificationsFailedToRedriveToDlq")
    return Alarm(
        "unposted",
        topic,
        f"The topic {topic} could not hand messages to one of its readers.",
        tuple(of_topic(each, topic) for each in names),
        math=total(names),
        periods=3,
        breaches=1,
    )


def of_one_function(function: Function) -> Iterator[Alarm]:
    """`failing` takes four periods, because one order that is retried, in payment for an hour, makes errors in at most
    three periods in a row. A function that fails altogether makes its queue `late` before that. `throttled` takes
    three, because Lambda retries what it throttled."""
    yield Alarm(
        "failing",
        function.name,
        f"Most invocations of {function.name} have failed for twenty minutes.",
        (of_function("Errors", function), of_function("Invocations", function)),
        math="100 * a / b",
        above=MOSTLY_FAIL,
        periods=4,
    )
    yield Alarm(
        "throttled",
        function.name,
        f"Lambda has held back invocations of {function.name} for a quarter of an hour.",
        (of_function("Throttles", function),),
        periods=3,
    )
    if function.name == SWEEP:
        yield sweep_silent(function)


def sweep_silent(function: Function) -> Alarm:
    """It runs every minute, so a quarter of an hour misses fifteen runs. Raised in a stage without functions, too."""
    return Alarm(
        "sweep-silent",
        "",
        "The sweep does not run: what a crash left unpublished stays so.",
        (of_function("Invocations", function),),
        above=None,
        below=1,
        periods=3,
        silence_is_trouble=True,
    )


def throttled_table(table: declaration.Table) -> Alarm:
    """Missing datapoints are filled with zeros, because an alarm on DynamoDB's metrics keeps its state while data are
    missing, whatever TreatMissingData says. Three periods of four, because the newest may not have its datapoint
    yet."""
    metrics = list(throttles(table))
    return Alarm(
        "table-throttled",
        table.name,
        f"DynamoDB has held back reads or writes of the table {table.name} or its indexes for a quarter of an hour.",
        tuple(metrics),
        math=total(metrics),
        periods=4,
        breaches=3,
    )


def api_failing() -> Alarm:
    """Two periods of three: a deployment or a brief outage of a service is over after one, and at night not every
    period has requests."""
    return Alarm(
        "api-failing",
        "",
        f"More than {FEW_FAIL:.0%} of the requests are answered with a 5xx.",
        (of_api("5XXError", "Average"),),
        above=FEW_FAIL,
        periods=3,
        breaches=2,
    )


def api_slow() -> Alarm:
    return Alarm(
        "api-slow",
        "",
        f"One request of a hundred takes longer than {SLOWEST / 1000:g} s.",
        (of_api("Latency", "p99"),),
        above=SLOWEST,
        periods=3,
    )


def entries_refused() -> Alarm:
    """The publisher has tried for seconds before it counts one."""
    return Alarm(
        "entries-refused",
        "",
        "EventBridge did not take events: orders are answered 503, decisions wait for the sweep, messages come again.",
        (own(ENTRIES_REFUSED),),
    )


def no_orders() -> Alarm:
    """Off in a stage without `quiet_minutes`. Analytics counts the orders, so that the alarm covers shop, API, bus and
    consumers; smoke orders are not counted."""
    return Alarm(
        "no-orders",
        "",
        "No order has come through for longer than the shop is ever quiet.",
        (own(ORDERS_PLACED),),
        above=None,
        below=1,
        periods=QUIET,
        silence_is_trouble=True,
        condition=ORDERS_EXPECTED,
    )


def concurrency() -> Alarm:
    return Alarm(
        "concurrency",
        "",
        "The account's functions take nearly all executions that Lambda lets run at once.",
        (CONCURRENCY,),
        above=MOST_CONCURRENCY,
        periods=3,
    )
