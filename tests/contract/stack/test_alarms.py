"""The alarms: everything declared has its own, each watches a metric that AWS sends, and none is raised for nothing."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from consumers.declaration import Consumer
from consumers.registry import consumers
from consumers.runner.ending import growing_delay
from edges.settings import Settings
from infrastructure.chalice_config import config
from infrastructure.functions import functions
from infrastructure.render import ROOT
from infrastructure.resources.queues import VISIBILITY
from infrastructure.resources.topics import EVERY_TOPIC
from infrastructure.stack.template import template
from infrastructure.stages import PROD, STAGES, Stage
from infrastructure.subscriptions.files import in_house
from orderwire.cloudformation.gaps import filled_in
from tables.registry import TABLES
from tests.support.edges import session
from tests.support.infrastructure.aws_metrics import exists
from tests.support.services.cloudwatch import raised

TEMPLATE = template().to_dict()
RESOURCES = TEMPLATE["Resources"]
PREFIX = "orderwire-${Stage}-"
ALARMS = {
    each["Properties"]["AlarmName"]["Fn::Sub"].removeprefix(PREFIX): each
    for each in RESOURCES.values()
    if each["Type"] == "AWS::CloudWatch::Alarm"
}
CONSUMERS = tuple(consumers())
MINUTE, PERIOD, DAY = 60, 300, 86_400
MOST_METRICS = 10
"""That one alarm may read."""

each_consumer = pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda row: row.name)
each_alarm = pytest.mark.parametrize("alarm", [each["Properties"] for each in ALARMS.values()], ids=list(ALARMS))


def alarm_of(name):
    return ALARMS[name]["Properties"]


def read_by(alarm):
    """The metrics that an alarm reads, each with its dimensions as a plain mapping."""
    single = [{"Metric": alarm}] if "MetricName" in alarm else []
    several = [each["MetricStat"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
    for each in single + several:
        found = each["Metric"]
        yield found["Namespace"], found["MetricName"], {pair["Name"]: pair["Value"] for pair in found["Dimensions"]}


def text(value):
    return value["Fn::Sub"] if isinstance(value, dict) else value


# What has an alarm


def test_everything_that_is_declared_has_its_alarms():
    names = {row.name for row in CONSUMERS}
    rules = {row.name for row in CONSUMERS if not row.topic} | {file.name for file in in_house()}
    assert set(ALARMS) == {
        *(f"dead-letters-{name}" for name in names | {"subscriptions"}),
        *(f"dead-letters-old-{name}" for name in names | {"subscriptions"}),
        *(f"late-{name}" for name in names),
        *(f"undelivered-{name}" for name in rules),
        *(f"unposted-{name}" for name in EVERY_TOPIC),
        *(f"failing-{function.name}" for function in functions()),
        *(f"throttled-{function.name}" for function in functions()),
        *(f"table-throttled-{table.name}" for table in TABLES),
        *("sweep-silent", "api-failing", "api-slow", "entries-refused", "no-orders", "concurrency"),
    }


@each_alarm
def test_an_alarm_reads_metrics_that_aws_sends_under_these_dimensions(alarm):
    assert [each for each in read_by(alarm) if not exists(each[0], each[1], set(each[2]))] == []


def test_what_the_dimensions_name_is_what_the_stack_and_chalice_make():
    named = {
        "QueueName": {text(each["Properties"]["QueueName"]) for each in of_type("AWS::SQS::Queue")},
        "RuleName": {text(each["Properties"]["Name"]) for each in of_type("AWS::Events::Rule")},
        "EventBusName": {text(each["Properties"]["Name"]) for each in of_type("AWS::Events::EventBus")},
        "TopicName": {text(each["Properties"]["TopicName"]) for each in of_type("AWS::SNS::Topic")},
        "TableName": {text(each["Properties"]["TableName"]) for each in of_type("AWS::DynamoDB::Table")},
        "FunctionName": {function.lambda_name("${Stage}") for function in functions()},
    }
    found = [pair for each in ALARMS.values() for _, _, dims in read_by(each["Properties"]) for pair in dims.items()]
    named["GlobalSecondaryIndexName"] = {
        index["IndexName"]
        for each in of_type("AWS::DynamoDB::Table")
        for index in each["Properties"].get("GlobalSecondaryIndexes", [])
    }
    assert {key for key, _ in found} == {*named, "ApiName", "Stage", "service", "stage"}
    assert [(key, value) for key, value in found if key in named and text(value) not in named[key]] == []


def of_type(type_):
    return [each for each in RESOURCES.values() if each["Type"] == type_]


def test_the_api_has_in_each_stage_the_name_that_its_alarms_read():
    [(_, _, dimensions)] = read_by(alarm_of("api-failing"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ORDERWIRE_STAGE": "prod"}
    script = "from app import app; print(app.app_name)"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == text(dimensions["ApiName"]).replace("${Stage}", "prod")
    stages = config(STAGES.values(), [])["stages"]
    assert {stage["api_gateway_stage"] for stage in stages.values()} == {dimensions["Stage"]}


def test_cloudwatch_takes_every_alarm_of_a_stage():
    stage = Stage("prod", quiet_minutes=1440)
    values = {
        **stage.parameters,
        "AlarmsTopic": "arn:aws:sns:eu-central-1:111122223333:orderwire-prod-alarms",
    }
    numbers = {key: int(value) for key, value in stage.parameters.items() if value.isdecimal()}
    requests = [filled_in(each["Properties"], {**values, **numbers}) for each in ALARMS.values()]
    with mock_aws():
        cloudwatch = session().client("cloudwatch")
        for request in requests:
            cloudwatch.put_metric_alarm(**request)
        pages = cloudwatch.get_paginator("describe_alarms").paginate()
        made = [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
    assert sorted(made) == sorted(f"orderwire-prod-{name}" for name in ALARMS)
    for request in requests:
        period = request.get("Period") or request["Metrics"][0]["MetricStat"]["Period"]
        assert period * request["EvaluationPeriods"] <= DAY  # what CloudWatch looks back, with periods under an hour
        assert request["DatapointsToAlarm"] <= request["EvaluationPeriods"]
        assert len({each["Id"] for each in request.get("Metrics", [])}) == len(request.get("Metrics", []))
        assert len(request.get("Metrics", [])) <= MOST_METRICS + 1  # and the expression over them


# Who is told, and where


@each_alarm
def test_an_alarm_tells_its_readers_when_it_begins_and_when_it_is_over(alarm):
    topic = [{"Ref": "AlarmsTopic"}]
    assert (alarm["AlarmActions"], alarm["OKActions"]) == (topic, topic)
    assert alarm.get("ActionsEnabled", True) is True
    assert len(alarm["AlarmDescription"]) <= 1024
    assert text(alarm["AlarmName"]).startswith(PREFIX)  # what the topic's policy and its key's allow


def test_alarms_share_their_way_with_nothing_that_somebody_from_outside_can_make_more_of():
    """SNS suspends a reader who is mailed too much: a flood of orders must not silence the alarm about it."""
    resources = [(each["Type"], each["Properties"]) for each in TEMPLATE["Resources"].values()]
    topic = {"Ref": "AlarmsTopic"}
    [policy] = [of for kind, of in resources if kind == "AWS::SNS::TopicPolicy" and of["Topics"] == [topic]]
    services = [
        each["Principal"]["Service"] for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"
    ]
    assert services == ["cloudwatch.amazonaws.com"]
    targets = [each["Arn"] for kind, of in resources if kind == "AWS::Events::Rule" for each in of["Targets"]]
    assert targets
    assert not [each for each in targets if each == topic or str(each).endswith("-alarms'}")]


def test_a_stage_that_nobody_watches_has_none_and_the_emulator_neither():
    assert {each["Condition"] for name, each in ALARMS.items() if name != "no-orders"} == {"Watched"}
    assert TEMPLATE["Conditions"]["Watched"] == {
        "Fn::And": [{"Condition": "OnAws"}, {"Fn::Equals": [{"Ref": "Alarms"}, "yes"]}]
    }
    assert {stage.name for stage in STAGES.values() if stage.watched} == {"staging", "prod"}
    assert (STAGES["dev"].parameters["Alarms"], PROD.parameters["Alarms"]) == ("no", "yes")


def test_no_orders_is_off_until_a_stage_says_how_long_it_may_be_quiet():
    assert ALARMS["no-orders"]["Condition"] == "OrdersExpected"
    assert PROD.parameters["QuietPeriods"] == "0"
    assert Stage("busy", quiet_minutes=45).parameters["QuietPeriods"] == "9"


@pytest.mark.parametrize("minutes", [0, 7, 1445])
def test_a_quiet_time_that_cloudwatch_cannot_watch_is_refused(minutes):
    with pytest.raises(ValueError, match=f"multiple of 5, from 5 to 1440, not {minutes}"):
        _ = Stage("odd", quiet_minutes=minutes).parameters


def test_an_account_with_few_executions_is_warned_earlier():
    assert (PROD.parameters["MostConcurrency"], Stage("new", account_concurrency=10).parameters["MostConcurrency"]) == (
        "800",
        "8",
    )


# What raises one, and what does not


def periods(times, period, length):
    """How many of these times, in seconds, fall into each period; None where none does, as Lambda tells it."""
    counts = [sum(start <= at < start + period for at in times) for start in range(0, length, period)]
    return [count or None for count in counts]


def failing_times(consumer):
    """When a message that fails each time makes its function fail, in seconds from the first receive; with the last
    receive it becomes a dead letter, and the function goes on."""
    times = [0]
    for attempt in range(1, consumer.receives - 1):
        times.append(times[-1] + growing_delay(attempt, Settings(stage="prod").retry_seconds))
    return times


@each_consumer
@given(start=st.integers(0, PERIOD - 1))
def test_one_order_that_fails_until_it_is_dead_raises_no_alarm_of_its_function(consumer, start):
    times = [start + at for at in failing_times(consumer)]
    failed = periods(times, PERIOD, max(times) + PERIOD)
    assert not raised(alarm_of(f"failing-{consumer.name.replace('-', '_')}"), failed, failed)


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([0, 40, 40, 40, 0], False),  # a quarter of an hour of a provider that is away
        ([0, 40, 40, 40, 40], True),
        ([12, 12, 12, 12, 12], False),  # an eighth of all batches has a flaky card
        ([None, None, None, None, None], False),
    ],
)
def test_a_function_fails_only_if_most_of_it_does_for_twenty_minutes(errors, told):
    assert raised(alarm_of("failing-payment"), errors, [None if each is None else 60 for each in errors]) is told


@each_consumer
def test_an_attempt_that_dies_makes_no_queue_late(consumer):
    """Its message is hidden for the visibility timeout, handled then, and the batching window may come before each."""
    age = VISIBILITY * consumer.timeout + consumer.window + consumer.window + consumer.longest
    minutes = [float(min(at, age)) for at in range(0, age + MINUTE, MINUTE)]
    assert not raised(alarm_of(f"late-{consumer.name}"), [*minutes, None, None])


@each_consumer
def test_a_message_that_is_tried_again_makes_no_queue_late(consumer):
    """SQS leaves out of the age what was received more than three times."""
    age = failing_times(consumer)[:4][-1]
    assert not raised(alarm_of(f"late-{consumer.name}"), [float(at) for at in range(0, age, MINUTE)] + [None] * 3)


@each_consumer
def test_a_queue_that_nobody_empties_is_late_within_minutes_of_its_objective(consumer):
    late = consumer.objective + 4 * MINUTE
    assert raised(alarm_of(f"late-{consumer.name}"), [float(at) for at in range(0, late + MINUTE, MINUTE)])
    assert consumer.objective < 4 * 86_400  # while SQS keeps the message


def test_payment_is_told_of_before_what_nobody_waits_for():
    objective = {row.name: row.objective for row in CONSUMERS}
    assert objective["payment"] <= objective["notification"] < objective["backup"]
    assert Consumer(name="new", hears=()).objective == 300


def test_one_dead_letter_is_enough_and_looking_at_it_changes_nothing():
    alarm = alarm_of("dead-letters-payment")
    assert raised(alarm, [0, 0, 1])
    assert not raised(alarm, [None, 0, None])
    assert (alarm["Statistic"], alarm["Period"]) == ("Maximum", PERIOD)  # looking hides a message for a minute


def test_letters_that_wait_all_day_are_told_of_again_however_often_somebody_looks():
    """The age of the oldest would leave out what was received more than three times."""
    alarm = alarm_of("dead-letters-old-orders")
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Period"]) == (
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        3600,  # looking hides them for a minute
    )
    assert raised(alarm, [0, *[1] * 24])
    assert not raised(alarm, [*[1] * 23, 0, *[1] * 23, None])


@pytest.mark.parametrize("which", range(3))
def test_one_event_that_a_rule_could_not_deliver_is_enough(which):
    counts = [[None, 1 if number == which else None, None] for number in range(3)]
    assert raised(alarm_of("undelivered-payment"), *counts)
    assert not raised(alarm_of("undelivered-payment"), *[[None] * 5] * 3)


def test_a_quiet_night_is_not_taken_for_an_outage_nor_an_outage_for_a_quiet_night():
    alarm = alarm_of("no-orders")
    assert not raised(alarm, [3, *[None] * 8, 1, *[None] * 8, 2], QuietPeriods=9)
    assert raised(alarm, [3, *[None] * 9], QuietPeriods=9)


def test_a_sweep_that_stopped_is_missed_and_one_that_runs_is_not():
    assert not raised(alarm_of("sweep-silent"), [5, 5, None, 1, 5, 5])
    assert raised(alarm_of("sweep-silent"), [5, None, None, None])


def test_the_api_may_hiccup_and_no_more():
    assert not raised(alarm_of("api-failing"), [0.0, 1.0, 0.0, None, None])
    assert not raised(alarm_of("api-failing"), [0.04] * 6)
    assert raised(alarm_of("api-failing"), [0.2, None, 0.2])
    assert not raised(alarm_of("api-slow"), [2900.0, 9000.0, 9000.0, 2900.0])
    assert raised(alarm_of("api-slow"), [3100.0] * 3)
    assert alarm_of("api-slow")["EvaluateLowSampleCountPercentile"] == "ignore"


def test_a_table_that_grows_into_its_traffic_is_left_alone():
    alarm = alarm_of("table-throttled-catalog")
    assert not raised(alarm, [None, 30, 5, None, None], [None] * 5)
    assert raised(alarm, [None, 30, None, None], [None, None, 5, 5])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_index_that_is_held_back_is_told_as_its_table_is(table):
    alarm = alarm_of(f"table-throttled-{table.name}")
    read = list(read_by(alarm))
    assert {dims.get("GlobalSecondaryIndexName") for _, _, dims in read} == {
        None,
        *(each.name for each in table.indexes),
    }
    assert len(read) == 2 * (1 + len(table.indexes))
    for which in range(len(read)):
        assert raised(alarm, *[[5 if number == which else None] * 4 for number in range(len(read))])


def test_refused_entries_and_too_many_executions_are_told():
    assert raised(alarm_of("entries-refused"), [None, 1])
    assert not raised(alarm_of("entries-refused"), [None, None])
    assert raised(alarm_of("concurrency"), [801, 900, 900], MostConcurrency=800)
    assert not raised(alarm_of("concurrency"), [801, 700, 900, 900], MostConcurrency=800)
