"""Rows against a DynamoDB that conflicts, throttles and answers in pieces: retried, bounded, never masked."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edges.connect import Edges
from edges.settings import Settings
from tables.rows import (
    ATTEMPTS,
    FIRST_DELAY,
    LONGEST_DELAY,
    Conflict,
    Contended,
    as_conflict,
    transact,
    until_no_conflict,
)
from tables.stock import Stock, StockRow
from tests.support.edges import FakeTime, fake_chance
from tests.support.services.dynamodb import CONFLICT, FINE, LOST, fake_edges


def edges_with(client, time=None):
    return Edges(Settings(stage="test"), SimpleNamespace(dynamodb=client), (time or FakeTime()).clock(), fake_chance())


def error(code, *reasons):
    response = {"Error": {"Code": code, "Message": "no"}}
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "Write")


def test_a_change_that_meets_another_is_made_again_on_what_that_left():
    edges = fake_edges()
    stock = Stock(edges)
    stock.put(StockRow(sku="a", on_hand=10))
    rivals = iter([3, 2])

    def take_one(row):
        if taken := next(rivals, None):
            stock.put(row.with_(on_hand=row.on_hand - taken))
        return row.with_(on_hand=row.on_hand - 1)

    assert stock.change("a", take_one).on_hand == 10 - 3 - 2 - 1
    assert stock.get("a").version == 4


def test_what_a_newer_release_has_added_to_a_row_survives_a_change_by_an_older_one():
    edges = fake_edges()
    Stock(edges).restock("book-1", 5)
    [item] = edges.clients.dynamodb.tables["orderwire-test-stock"].values()
    item["shelf"] = {"S": "B7"}
    Stock(edges).restock("book-1", 1)
    [item] = edges.clients.dynamodb.tables["orderwire-test-stock"].values()
    assert (item["shelf"], item["on_hand"]) == ({"S": "B7"}, {"N": "6"})


def test_a_field_that_a_row_does_not_have_cannot_be_set():
    with pytest.raises(TypeError, match="onhand"):
        StockRow(sku="book-1").with_(onhand=3)


def test_a_row_that_was_just_written_need_not_be_read_again_to_be_changed():
    edges = fake_edges()
    stock = Stock(edges)
    row = stock.restock("book-1", 5)
    edges.clients.dynamodb.get_item = None
    assert stock.change("book-1", lambda seen: seen.with_(threshold=2), row).threshold == 2


def test_between_attempts_it_waits_longer_and_longer_up_to_a_limit():
    time = FakeTime()
    edges = fake_edges([CONFLICT] * 8, time)
    Stock(edges).change("a", lambda _: StockRow(sku="a"))
    assert time.slept == [0.5 * min(LONGEST_DELAY, FIRST_DELAY * 2**attempt) for attempt in range(8)]


def test_a_row_that_stays_in_conflict_is_given_up_after_so_many_attempts():
    edges = fake_edges([CONFLICT] * 100)
    asked = []

    def change(row):
        asked.append(row)
        return StockRow(sku="a")

    with pytest.raises(Contended, match=f"still in conflict after {ATTEMPTS} attempts"):
        Stock(edges).change("a", change)
    assert len(asked) == ATTEMPTS


@given(st.lists(st.sampled_from([FINE, CONFLICT, LOST]), max_size=20))
def test_a_change_that_can_be_repeated_takes_effect_once_whatever_happens_to_its_writes(faults):
    edges = fake_edges(faults)
    stock = Stock(edges)

    def reserve(row):
        row = row or StockRow(sku="a", on_hand=5)
        return row if row.reserved else row.with_(on_hand=row.on_hand - 2, reserved=2)

    for _ in range(len(faults) + 1):
        with suppress(Contended, ReadTimeoutError):
            stock.change("a", reserve)
    assert (stock.get("a").on_hand, stock.get("a").reserved) == (3, 2)
    assert stock.get("a").version == 1


def test_an_error_of_the_change_itself_is_neither_retried_nor_masked():
    edges = fake_edges()
    stock = Stock(edges)
    stock.put(StockRow(sku="a", on_hand=1))
    asked = []

    def oversell(row):
        asked.append(row)
        return row.with_(on_hand=row.on_hand - 2)

    with pytest.raises(ValidationError, match="on_hand"):
        stock.change("a", oversell)
    assert len(asked) == 1
    assert stock.get("a").on_hand == 1


@pytest.mark.parametrize("refusal", [
    error("ConditionalCheckFailedException"),
    error("TransactionConflictException"),
    error("TransactionInProgressException"),
    error("TransactionCanceledException", "None", "ConditionalCheckFailed"),
    error("TransactionCanceledException", "TransactionConflict", "ConditionalCheckFailed", "None"),
    error("TransactionCanceledException", "ThrottlingError"),
    error("TransactionCanceledException", "ProvisionedThroughputExceeded"),
], ids=lambda each: str(each.response["Error"]["Code"]))  # fmt: skip
def test_what_a_concurrent_writer_causes_is_a_conflict(refusal):
    assert isinstance(as_conflict(refusal), Conflict)


@pytest.mark.parametrize("refusal", [
    error("ValidationException"),
    error("ResourceNotFoundException"),
    error("AccessDeniedException"),
    error("TransactionCanceledException"),
    error("TransactionCanceledException", "None", "None"),
    error("TransactionCanceledException", "ValidationError"),
    error("TransactionCanceledException", "ConditionalCheckFailed", "ValidationError"),
    error("TransactionCanceledException", "ItemCollectionSizeLimitExceeded"),
], ids=lambda each: str(each.response["Error"]["Code"]))  # fmt: skip
def test_what_no_retry_will_mend_stays_the_error_that_it_is(refusal):
    class Client:
        def transact_write_items(self, **_):
            raise refusal

        def put_item(self, **_):
            raise refusal

    edges, tried = edges_with(Client()), []

    def attempt():
        tried.append(1)
        transact(edges, [])

    with pytest.raises(ClientError) as raised:
        until_no_conflict(edges, attempt)
    assert raised.value is refusal
    assert tried == [1]
    with pytest.raises(ClientError):
        Stock(edges).put(StockRow(sku="a"))


class Pieces:
    """A BatchGetItem that answers at most `most` keys a call, and knows every sku but those in `missing`."""

    def __init__(self, most, missing=()):
        self.most, self.missing, self.calls = most, missing, []

    def batch_get_item(self, RequestItems):  # noqa: N803  (boto3's name)
        [(table, request)] = RequestItems.items()
        assert request["ConsistentRead"]
        keys = request["Keys"]
        self.calls.append(len(keys))
        known = [key["sku"]["S"] for key in keys[: self.most] if key["sku"]["S"] not in self.missing]
        left = {table: {**request, "Keys": keys[self.most :]}} if keys[self.most :] else {}
        return {"Responses": {table: [StockRow(sku=sku).to_item() for sku in known]}, "UnprocessedKeys": left}


def test_keys_are_asked_for_a_hundred_a_call_and_only_once_each():
    client = Pieces(most=100)
    skus = [f"book-{number}" for number in range(250)]
    found = Stock(edges_with(client)).get_many([*skus, *skus])
    assert list(found) == skus
    assert client.calls == [100, 100, 50]


def test_keys_that_dynamodb_leaves_unread_are_asked_for_again():
    client, time = Pieces(most=40, missing={"book-7"}), FakeTime()
    skus = [f"book-{number}" for number in range(100)]
    found = Stock(edges_with(client, time)).get_many(skus)
    assert set(found) == set(skus) - {"book-7"}
    assert client.calls == [100, 60, 20]
    assert len(time.slept) == 2


def test_keys_that_stay_unread_are_an_error_and_not_missing_rows():
    with pytest.raises(Contended, match="orderwire-test-stock: keys left unread"):
        Stock(edges_with(Pieces(most=0))).get_many(["a"])
