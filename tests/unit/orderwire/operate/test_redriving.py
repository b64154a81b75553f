"""Whose dead letters a name means, and which of them have a way back."""

import pytest

from edges.dead_letters import RULES
from orderwire.console.problem import Problem
from orderwire.operate.redriving import Named, dead_letter_counts, redrive_each
from tests.support.edges import moto_edges

CONSUMERS = ["orders", "payment"]


def never():
    raise AssertionError("nobody has to look there")


NAMED = Named(CONSUMERS, lambda: iter(["loyalty-orders"]))


def test_a_name_is_a_consumers_or_a_deployed_subscriptions_or_that_of_all_rules():
    assert [NAMED.shown(name) for name in ("payment", "loyalty-orders", RULES)] == ["payment", "loyalty-orders", RULES]
    with pytest.raises(Problem, match=r"^There is no consumer 'nobody'\. There are: orders, payment\.$"):
        NAMED.shown("nobody")


def test_the_stages_subscriptions_are_looked_up_only_for_a_name_that_could_be_one():
    named = Named(CONSUMERS, never)
    assert (named.shown("orders"), named.redriven("orders"), named.redriven(None)) == ("orders", ["orders"], CONSUMERS)
    assert named.shown(RULES) == RULES


@pytest.mark.parametrize("name", [RULES, "loyalty-orders"])
def test_what_a_rule_could_not_deliver_has_no_way_back(name):
    with pytest.raises(Problem, match=f"rules of {name} could not deliver has no queue of ours to go back to"):
        redrive_each(never, NAMED, name, None, None, lambda *_: never)


def test_dead_letters_are_counted_of_each_consumer_and_of_the_rules_together():
    with moto_edges() as edges:
        for name in (*CONSUMERS, RULES):
            edges.clients.sqs.create_queue(QueueName=edges.settings.name(f"{name}-dlq"))
        url = edges.clients.sqs.get_queue_url(QueueName=edges.settings.name("payment-dlq"))["QueueUrl"]
        edges.clients.sqs.send_message(QueueUrl=url, MessageBody="{}")
        found = dead_letter_counts(edges, CONSUMERS)
    assert {each.consumer: each.dead_letters for each in found} == {"orders": 0, "payment": 1, RULES: 0}
