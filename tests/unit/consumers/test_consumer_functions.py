"""Each consumer's function as Lambda calls it, on moto's services: what it was given ends where it belongs.

These are also the calls that `tests.support.recorded_calls` holds against the functions' policies.
"""

import json
from dataclasses import replace
from importlib import import_module

import pytest

from consumers import NAMES
from consumers.decisions.backup_lines import BUCKET, HASH_KEY
from consumers.mails.templates import TEMPLATES
from consumers.registry import consumers
from consumers.runner.batch import BatchIncomplete
from consumers.runner.entry import LambdaEntry
from edges.settings import Settings
from orderwire.machine.pollers.poller import LocalContext
from orderwire.machine.pollers.records import lambda_record
from schemas.envelope import EventData
from tables.payments import Payments
from tests.support.checkout_api.api import stock_up
from tests.support.edges import moto_edges
from tests.support.events import created, entry, event, notification, one_of_each

each_consumer = pytest.mark.parametrize("module", NAMES)


class Work:
    """A consumer's function with its queues, in a stage whose other resources are all there."""

    def __init__(self, edges, module):
        self.edges, self.module = edges, import_module(f"consumers.{module}")
        self.row = self.module.CONSUMER
        self.url, self.dead = (
            edges.clients.sqs.create_queue(QueueName=edges.settings.name(name))["QueueUrl"]
            for name in (self.row.name, self.row.dead_letters)
        )

    def send(self, *bodies):
        for body in bodies:
            self.edges.clients.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def heard(self):
        """The bodies of one message of each event that the consumer hears, in their order."""
        every = EventData in self.row.hears
        events = [each for each in one_of_each() if every or type(each.data) in self.row.hears]
        return [notification(each) if self.row.topic else json.dumps(entry(each)) for each in events]

    def receive(self, url):
        found = []
        while messages := self.edges.clients.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"]
        ).get("Messages"):
            found += messages
        return found

    def run(self):
        """Hands the function what is in its queue."""
        function = LambdaEntry(self.row, self.module.on_records.build, lambda: self.edges)
        records = [
            lambda_record(each, f"arn:aws:sqs:eu-central-1:0:{self.row.name}") for each in self.receive(self.url)
        ]
        function({"Records": records}, LocalContext(self.row.name, 512, "1", 900, lambda: 0.0))

    def counts(self):
        """Messages that wait, and that are hidden for a while."""
        wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.edges.clients.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=wanted)["Attributes"]
        return tuple(int(found[each]) for each in wanted)


@pytest.fixture(scope="module")
def edges():
    """Stage `test` with all that its functions look for, but for queues."""
    with moto_edges() as edges:
        clients, known = edges.clients, edges.settings
        stock_up(edges)
        bucket = known.name("backup-123456789012")
        clients.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        clients.ssm.put_parameter(Name=known.path(BUCKET), Value=bucket, Type="String")
        clients.secrets.create_secret(Name=known.path(HASH_KEY), SecretString="secret")
        clients.ses.verify_email_identity(EmailAddress=known.mail_sender)
        for mail in TEMPLATES:
            clients.ses.create_template(Template=mail.as_ses(known.name(mail.name)))
        yield edges


def elsewhere(edges):
    """Another stage, of which there is nothing."""
    return replace(edges, settings=Settings(stage="bare"))


@each_consumer
def test_a_consumer_deletes_what_it_has_done_and_buries_what_nobody_can_read(edges, module):
    work = Work(edges, module)
    work.send(*work.heard(), "not an event")
    work.run()
    assert work.counts() == (0, 0)
    (buried,) = work.receive(work.dead)
    assert buried["Body"] == "not an event"
    assert buried["MessageAttributes"]["reason"]["StringValue"] == "invalid"


@pytest.mark.parametrize("module", [row.name.replace("-", "_") for row in consumers() if row.touches])
def test_a_consumer_hides_what_may_succeed_later(edges, module):
    work = Work(elsewhere(edges), module)
    work.send(work.heard()[0])
    with pytest.raises(BatchIncomplete, match="1 of 1"):  # what `touches` names is out of reach: using it has to fail
        work.run()
    assert work.counts() == (0, 1)
    assert work.receive(work.dead) == []


def test_payment_asks_stripe_with_the_stages_key_and_waits_while_it_is_out_of_reach(edges):
    edges.clients.secrets.create_secret(Name=edges.settings.path("stripe-key"), SecretString="sk_test_1")
    at_stripe = Settings(stage="test", payment_provider="stripe", stripe_api="https://127.0.0.1:9")
    work = Work(replace(edges, settings=at_stripe), "payment")
    work.send(json.dumps(entry(event(created("ord_stripe")))))
    with pytest.raises(BatchIncomplete):
        work.run()
    row = Payments(edges).get("ord_stripe")
    assert row.claim.action == "authorise"
