"""The backup: every event is kept once for whoever reads it, however its batches come, and nothing personal with it."""

import gzip
import json
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.backup import CONSUMER, BackupConsumer
from consumers.decisions.backup_lines import LINE, line, objects, pseudonyms
from infrastructure.render import ROOT
from orderwire.workplace.samples import load_catalog, load_orders
from schemas.envelope import REGISTRY
from schemas.events import OrderCancelled, OrderCreated, OrderItem, OrderRefunded, PaymentFailed
from schemas.parse import ContractError, parse_detail
from schemas.personal import personal_fields, personal_values, sanitised, secret_fields
from tests.support.edges import NOON, moto_edges
from tests.support.events import created, delivery, event, one_of_each
from tests.support.schemas.strategies import any_event
from tests.support.services.dynamodb import fake_edges
from tests.support.services.s3 import FINE, LOST, REFUSED, FakeS3, FixedTexts

HASH_KEY = "stage secret"
PSEUDONYM = pseudonyms(HASH_KEY)
EVENTS = [each for number in range(6) for each in one_of_each(f"ord_{number}")]


def edges_of(s3):
    return fake_edges(s3=s3, ssm=FixedTexts("bucket"), secrets=FixedTexts(HASH_KEY))


def run(edges, batches):
    """Delivers the batches; what failed comes again later, in one batch with others that failed."""
    consumer, waiting = BackupConsumer(edges), [list(batch) for batch in batches]
    for batch in waiting:
        outcomes = consumer.handle_together([delivery(each) for each in batch])
        failed = [each for each, error in zip(batch, outcomes, strict=True) if error]
        if failed:
            waiting.append(failed)
        assert len(waiting) < 1000


def lines_of(contents):
    return [json.loads(text) for content in contents for text in gzip.decompress(content).decode().splitlines()]


def read(s3):
    """event_id -> line as the view gives it: one per event."""
    return {each["event_id"]: each for each in lines_of(s3.objects.values())}


def expected(events):
    return {each.event_id: json.loads(line(each, PSEUDONYM)) for each in events}


numbers = st.integers(0, len(EVENTS) - 1)
batches_of_numbers = st.lists(st.lists(numbers, max_size=20), max_size=8)


@given(batches_of_numbers, st.lists(st.sampled_from([FINE, REFUSED, LOST]), max_size=20))
def test_every_event_is_there_once_for_who_reads_whatever_comes_again_or_regrouped_or_after_a_crash(batches, faults):
    s3, chosen = FakeS3(faults), [[EVENTS[number] for number in batch] for batch in batches]
    run(edges_of(s3), chosen)
    assert read(s3) == expected(each for batch in chosen for each in batch)


@given(st.lists(numbers, min_size=1, max_size=20), st.randoms())
def test_the_same_batch_overwrites_itself_whatever_the_order_of_its_messages(batch, random):
    s3, chosen = FakeS3(), [EVENTS[number] for number in batch]
    again = chosen * 2
    random.shuffle(again)
    run(edges_of(s3), [chosen])
    before = dict(s3.objects)
    run(edges_of(s3), [again])
    assert s3.objects == before


@settings(max_examples=30)
@given(st.lists(any_event, max_size=12))
def test_a_batch_is_one_object_per_hour_in_the_folder_of_its_hour(events):
    hours = defaultdict(set)
    for each in events:
        at = each.metadata.occurred_at
        hours[f"events/date={at:%Y-%m-%d}/hour={at:%H}/"].add(each.event_id)
    found = {each.key.rpartition("/")[0] + "/": each.event_ids for each in objects(events, PSEUDONYM)}
    assert found == hours
    assert all(each.key.endswith(".jsonl.gz") for each in objects(events, PSEUDONYM))


@settings(max_examples=50)
@given(any_event)
def test_a_line_has_the_same_keys_whatever_the_event_and_gives_back_what_is_not_personal(given_event):
    kept = json.loads(line(given_event, PSEUDONYM))
    assert list(kept) == list(LINE)
    assert kept["type"] == given_event.type
    assert kept["order_id"] == given_event.data.order_id
    plain = json.loads(given_event.to_json())["data"]
    hidden = personal_fields(type(given_event.data))
    assert {key: value for key, value in json.loads(kept["data"]).items() if key not in hidden} == {
        key: value for key, value in plain.items() if key not in hidden
    }


@settings(max_examples=50)
@given(any_event)
def test_no_personal_value_stays_as_it_was_and_no_secret_at_all(given_event):
    contract, kept = type(given_event.data), sanitised(given_event.data, PSEUDONYM)
    assert secret_fields(contract) & set(kept) == set()
    for field in personal_fields(contract) - secret_fields(contract):
        value = getattr(given_event.data, field)
        assert kept.get(field) == (None if value is None else PSEUDONYM(value))


def test_what_is_hidden_follows_from_the_marks_of_the_contract():
    assert personal_fields(OrderCreated) == {"customer_id", "customer_email", "payment_token"}
    assert secret_fields(OrderCreated) == {"payment_token"}
    assert personal_fields(OrderCancelled) == personal_fields(OrderRefunded) == {"reason"}
    assert personal_fields(PaymentFailed) == set()  # its reason is the provider's word


def test_one_customers_orders_join_and_another_stages_do_not():
    of_ada = [json.loads(line(event(created(f"ord_{number}")), PSEUDONYM)) for number in (1, 2)]
    of_bob = json.loads(
        line(event(created("ord_3", customer_id="cust-2", customer_email="bob@example.com")), PSEUDONYM)
    )
    elsewhere = json.loads(line(event(created("ord_1")), pseudonyms("other secret")))
    assert of_ada[0]["customer_id"] == of_ada[1]["customer_id"]
    assert len({of_ada[0]["customer_id"], of_bob["customer_id"], elsewhere["customer_id"]}) == 3


def sample_events():
    """An order.created for every order of the samples that the contract takes, at the catalog's prices."""
    names = {product.sku: product for product in load_catalog(ROOT / "samples/catalog.csv")}
    for number, sample in enumerate(load_orders(ROOT / "samples/orders.jsonl")):
        try:
            items = [
                {"sku": item["sku"], "name": names[item["sku"]].name, "quantity": item["quantity"], "unit_price": 1}
                for item in sample.order["items"]
            ]
            data = json.loads(event(created(f"ord_{number}")).to_json())
            data["data"] |= {**{key: sample.order[key] for key in PERSONAL}, "items": items}
            yield parse_detail("order.created", data)
        except (ContractError, KeyError, TypeError):
            continue  # a sample that must be refused


PERSONAL = ("customer_id", "customer_email", "payment_token")


def test_nothing_personal_of_the_samples_is_anywhere_in_what_is_stored():
    events = list(sample_events())
    assert len(events) > 150
    follow = [each for created_ in events[:20] for each in one_of_each(created_.data.order_id)[1:]]
    with moto_edges() as edges:
        s3, name = edges.clients.s3, "orderwire-test-backup-123456789012"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        edges.clients.ssm.put_parameter(Name=edges.settings.path("backup-bucket"), Value=name, Type="String")
        edges.clients.secrets.create_secret(Name=edges.settings.path("backup-hash-key"), SecretString=HASH_KEY)
        run(edges, [events[:70], events[70:], follow])
        stored = s3.list_objects_v2(Bucket=name)["Contents"]
        contents = [s3.get_object(Bucket=name, Key=each["Key"])["Body"].read() for each in stored]
    assert len(lines_of(contents)) == len(events) + len(follow)
    everything = b"\n".join(gzip.decompress(content) for content in contents) + str(stored).encode()
    values = {value for each in (*events, *follow) for value in personal_values(each)}
    assert len(values) > 240
    assert any("Babbage" in value for value in values)
    assert [value for value in sorted(values) if value.encode() in everything] == []


def test_an_hour_that_cannot_be_put_fails_alone():
    s3 = FakeS3([REFUSED])
    first, second = event(created("ord_1"), NOON), event(created("ord_2"), NOON.replace(hour=13))
    outcomes = BackupConsumer(edges_of(s3)).handle_together([delivery(first), delivery(second), delivery(first)])
    assert [outcome is None for outcome in outcomes] == [False, True, False]
    assert read(s3) == expected([second])


@pytest.mark.parametrize("how", [{"replayed": True}, {"test": True}])
def test_replays_and_smoke_orders_are_not_kept_even_if_they_come_past_the_rule(how):
    s3 = FakeS3()
    told = delivery(event(created(), test="test" in how), replayed="replayed" in how)
    assert BackupConsumer(edges_of(s3)).handle_together([told]) == [None]
    assert s3.puts == []


def test_an_item_that_an_order_has_several_times_is_one_sku():
    item = OrderItem(sku="book-1", name="Emma", quantity=1, unit_price=1)
    kept = json.loads(line(event(created(items=[item, item])), PSEUDONYM))
    assert kept["skus"] == ["book-1"]
    skus = {each.type: json.loads(line(each, PSEUDONYM))["skus"] for each in one_of_each()}
    assert skus["inventory.low_stock"] == skus["inventory.rejected"] == ["book-1"]
    assert skus["payment.completed"] is None


def test_it_hears_everything_in_batches_that_make_large_objects():
    assert all(issubclass(contract, CONSUMER.hears) for contract in REGISTRY.values())
    assert not CONSUMER.hears_replays
    assert (CONSUMER.batch_size, CONSUMER.window) == (500, 60)
