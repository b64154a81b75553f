"""The dashboard: JSON as CloudWatch wants it, over metrics that exist, with everything that is declared on it."""

import json
import re

import pytest

from consumers.registry import consumers
from edges import metrics
from infrastructure.functions import functions
from infrastructure.stack.gaps import filled_in
from infrastructure.stack.template import template
from infrastructure.subscriptions.files import in_house
from tables.registry import TABLES
from tests.support.infrastructure.aws_metrics import exists

RESOURCES = template().to_dict()["Resources"]
PLACE = {"AWS::Region": "eu-central-1", "AWS::AccountId": "111122223333", "AWS::Partition": "aws", "Stage": "prod"}
DASHBOARD = filled_in(RESOURCES["Dashboard"]["Properties"], PLACE)
WIDGETS = json.loads(DASHBOARD["DashboardBody"])["widgets"]
GRAPHS = [each["properties"] for each in WIDGETS if each["type"] == "metric"]

MOST_OF_A_GRAPH, MOST_OF_ALL, MOST_ALARMS = 500, 2500, 100
"""What CloudWatch draws."""


def parts(line):
    """(namespace, name, dimensions, options) of a metric in a widget."""
    *plain, options = line
    return plain[0], plain[1], dict(zip(plain[2::2], plain[3::2], strict=True)), options


LINES = [parts(line) for graph in GRAPHS for line in graph["metrics"] if len(line) > 1]


def test_the_widgets_fill_the_width_and_none_lies_on_another():
    cells = [
        (x, y)
        for each in WIDGETS
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(cells) == len(set(cells))
    assert {x for x, _ in cells} == set(range(24))


def test_it_reads_only_metrics_that_exist_each_with_a_statistic():
    assert [line for line in LINES if not exists(line[0], line[1], set(line[2]))] == []
    assert {line[3]["stat"] for line in LINES} == {"Sum", "Maximum", "p50", "p99"}


def test_the_search_names_a_metric_that_exists_and_every_table():
    [[searched]] = [line for graph in GRAPHS for line in graph["metrics"] if len(line) == 1]
    found = re.fullmatch(
        r"""SEARCH\('\{(\S+?),(\S+)\} MetricName="(\w+)" TableName=\((.+)\)', 'Sum', 300\)""", searched["expression"]
    )
    assert exists(found[1], found[3], set(found[2].split(",")))
    assert re.findall(r'"([^"]+)"', found[4]) == [f"orderwire-prod-{table.name}" for table in TABLES]


@pytest.mark.parametrize(
    ("metric", "names"),
    [
        ("ApproximateAgeOfOldestMessage", {row.name for row in consumers()}),
        ("Errors", {function.name for function in functions()}),
        ("MatchedEvents", {file.name for file in in_house()}),
        ("EntriesRefused", {"refused by the bus"}),
    ],
)
def test_everything_that_is_declared_has_its_line(metric, names):
    assert names <= {line[3].get("label") for line in LINES if line[1] == metric}


def test_our_own_metrics_are_all_on_it_but_the_number_of_copies():
    ours = {each.name for each in vars(metrics).values() if isinstance(each, metrics.OwnMetric)}
    assert ours - {line[1] for line in LINES} == {"UnitsOrdered"}


def test_it_shows_the_alarms_of_the_stage_itself():
    [widget] = [each["properties"] for each in WIDGETS if each["type"] == "alarm"]
    made = [
        filled_in(each["Properties"]["AlarmName"], PLACE)
        for each in RESOURCES.values()
        if each["Type"] == "AWS::CloudWatch::Alarm" and each["Condition"] == "Watched"
    ]
    assert widget["alarms"] == [f"arn:aws:cloudwatch:eu-central-1:111122223333:alarm:{name}" for name in made]
    assert len(made) <= MOST_ALARMS


def test_it_stays_within_what_cloudwatch_draws_and_has_a_name_of_its_stage():
    assert max(len(graph["metrics"]) for graph in GRAPHS) <= MOST_OF_A_GRAPH
    assert len(LINES) <= MOST_OF_ALL
    assert DASHBOARD["DashboardName"] == "orderwire-prod"
    assert RESOURCES["Dashboard"]["Condition"] == "Watched"
    assert {graph["region"] for graph in GRAPHS} == {"eu-central-1"}
