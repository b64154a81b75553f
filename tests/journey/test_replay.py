"""A replay changes nothing where nothing was lost, and brings back what was."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from orderwire.machine.local import Ports, local_engine
from orderwire.machine.ports import free_port
from orderwire.stories.demo.checks import unchanged
from orderwire.stories.demo.command import ORDERS
from orderwire.stories.demo.reading import read_books
from orderwire.stories.demo.shop import quiet
from orderwire.stories.demo.shopper import Shopper
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.embedded import Inside
from orderwire.workplace.home import ROOT, Home
from orderwire.workplace.samples import load_orders
from tables.orders import Orders
from tests.support.embedded import eventually

pytestmark = pytest.mark.xdist_group("replay")

ENDS = ("confirmed", "shipped", "refunded", "cancelled", "payment_failed", "rejected")
"""An order that came to each of these, and so every kind of mail, charge and reservation, is among what is replayed."""
TOPICS = ("admin-alerts", "fulfilment")


@dataclass(frozen=True)
class Shop:
    """A shop that has settled. `ears` is a queue that hears what people are told."""

    home: Path
    local: object
    ears: str

    @property
    def edges(self):
        return self.local.target.edges

    @property
    def books(self):
        return read_books(self.local.target, Inside(self.local.engine.endpoint))

    def orderwire(self, *arguments):
        command = [sys.executable, "-P", "-m", "orderwire", *arguments, "--home", str(self.home)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def json(self, *arguments):
        done = self.orderwire(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def told(self):
        """How many messages each queue has that is no consumer's: people's, and other teams'."""
        sqs = self.edges.clients.sqs
        found = {}
        for url in sqs.list_queues().get("QueueUrls", []):
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            found[url] = int(answer["Attributes"]["ApproximateNumberOfMessages"])
        return found

    def kept(self):
        """Name, content hash and time of every object of the backup."""
        s3 = self.edges.clients.s3
        buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        objects = [each for name in buckets for each in s3.list_objects_v2(Bucket=name).get("Contents", [])]
        return sorted((each["Key"], each["ETag"], each["LastModified"]) for each in objects)


def listen(target):
    """A queue that gets every message of the topics."""
    sqs, sns = target.client("sqs"), target.client("sns")
    url = sqs.create_queue(QueueName="ears")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    names = {target.edges.settings.name(topic) for topic in TOPICS}
    for topic in sns.list_topics()["Topics"]:
        if topic["TopicArn"].rsplit(":", 1)[1] in names:
            names.remove(topic["TopicArn"].rsplit(":", 1)[1])
            sns.subscribe(TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=arn)
    assert not names
    return url


def one_line_per_end():
    lines = [line for line in load_orders(ORDERS) if not line.group]
    return [next(line for line in lines if line.expect == end) for end in ENDS]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"))
    with home.log("worker").open("wb") as log, local_engine(home, Ports(free_port(), 0), lambda _: None, log) as local:
        api = ApiClient(local.start(lambda _: None))
        ears = listen(local.target)
        shopper = Shopper(api, api.as_admin(local.admin))
        with ThreadPoolExecutor() as pool:
            acted = list(pool.map(lambda line: shopper.act(line, lambda: None), one_line_per_end()))
        assert [each.unexpected for each in acted] == [None] * len(ENDS)
        still = Shop(home.path, local, ears)
        assert eventually(lambda: settled(still))
        yield still


def settled(shop):
    ended = sorted(row.status for row in Orders(shop.edges).scan())
    return ended == sorted(ENDS) and quiet(shop.local)


def test_replaying_everything_to_everyone_changes_nothing_and_tells_nobody(shop):
    before, told, kept = shop.books, shop.told(), shop.kept()
    assert told[shop.ears] > len(ENDS)
    assert kept
    assert before.tables["metrics"]
    done = shop.json("replay", "--since", "1h", "--to", "all", "--yes")
    assert done["consumers"] == ["orders", "payment", "inventory", "notification"]
    assert {(each["added"], each["changed"], each["removed"]) for each in done["changes"]} == {(0, 0, 0)}
    assert sum(each["rows"] for each in done["changes"]) > 4 * len(ENDS)
    assert (done["waiting"], done["dead"]) == (0, 0)
    assert unchanged(before, shop.books).wrong == ()
    assert (shop.told(), shop.kept()) == (told, kept)


def test_rows_that_were_deleted_come_back_as_they_were_by_a_replay_to_their_consumer_and_to_no_other(shop):
    name, client = shop.edges.settings.name("orders"), shop.edges.clients.dynamodb
    before = shop.books
    lost = sorted(before.tables["orders"])[::2]
    for order_id in lost:
        client.delete_item(TableName=name, Key={"order_id": {"S": order_id}})
    elsewhere = shop.orderwire("replay", "--since", "1h", "--to", "notification", "--yes")
    assert "Nothing changed: nothing was lost." in elsewhere.stdout, elsewhere.stderr
    assert len(shop.books.tables["orders"]) == len(ENDS) - len(lost)
    done = shop.json("replay", "--since", "1h", "--to", "orders", "--yes")
    changed = {each["table"]: (each["added"], each["changed"], each["removed"]) for each in done["changes"]}
    assert changed.pop("orders") == (len(lost), 0, 0)
    assert set(changed.values()) == {(0, 0, 0)}
    assert without_versions(shop.books) == without_versions(before)


def without_versions(books):
    """All that is said of the orders; a row that was written anew has been written less often."""
    return [row.model_dump(exclude={"version"}) for _, row in sorted(books.orders.items())]


def test_nothing_is_replayed_unless_somebody_says_yes(shop):
    refused = shop.orderwire("replay", "--since", "1h", "--to", "payment")
    assert (refused.returncode, refused.stdout.strip()) == (2, "")
    assert "Nothing was replayed. Nobody can be asked here; --yes goes on without asking." in refused.stderr


def test_a_replay_of_the_time_before_the_first_order_says_that_nothing_changed(shop):
    done = shop.orderwire(
        "replay", "--from", "2026-01-01T00:00:00Z", "--until", "2026-01-01T01:00:00+00:00", "--to", "payment", "-y"
    )
    assert done.returncode == 0, done.stderr
    assert "Replayed 2026-01-01 00:00:00 to 2026-01-01 01:00:00 UTC to payment" in done.stdout
    assert "Nothing changed: nothing was lost." in done.stdout
