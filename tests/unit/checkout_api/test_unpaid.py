"""Limits on unpaid orders: nobody passes the last place twice, and what cannot be counted is not taken."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.http.origin import Origin
from checkout_api.http.problems import HttpProblem, as_problem
from checkout_api.http.requests import OrderAsked
from checkout_api.orders.placing import OrderIds, place_order
from checkout_api.orders.unpaid import limits, mailbox
from edges.settings import Settings
from infrastructure.stages import STAGES
from schemas.events import ON_ACCOUNT, PaymentCompleted
from tables.orders import Orders
from tables.unpaid import Unpaid
from tests.support.checkout_api.api import ORDER, UNLIMITED, running_api, stock_up
from tests.support.consumers.interleaving import Attempt, Crash, SteppedDynamoDB, move_all
from tests.support.events import TOTAL, event
from tests.support.services.bus import FakeBus
from tests.support.services.dynamodb import CONFLICT, FINE, LOST, FakeDynamoDB, fake_edges
from tests.support.services.s3 import FixedTexts

ORIGIN = Origin("req-1", "corr-1")
ASKED = OrderAsked.model_validate(ORDER)
LIMIT = 2
FEW = {"most_unpaid_per_address": LIMIT, "most_unpaid_per_customer": LIMIT}


class Till:
    """Places orders in a stage that takes few unpaid ones, from a DynamoDB in memory with products in stock."""

    def __init__(self, dynamodb: FakeDynamoDB) -> None:
        edges = fake_edges(events=FakeBus(), secrets=FixedTexts("secret"))
        self.edges = replace(edges, settings=Settings(**{"stage": "test", **FEW}))
        stock_up(self.edges)
        dynamodb.tables = self.edges.clients.dynamodb.tables
        self.edges.clients.__dict__["dynamodb"] = dynamodb
        self.ids = OrderIds.of(self.edges)

    def place(self, key: str | None = None, **other: str) -> str:
        asked = ASKED.model_copy(update=other)
        return place_order(self.edges, self.ids, asked, key, ORIGIN).order_id

    @property
    def stored(self) -> set[str]:
        return set(self.edges.clients.dynamodb.tables["orderwire-test-orders"])

    @property
    def noted(self) -> list[set[str]]:
        return [set(row["placed"]["M"]) for row in self.edges.clients.dynamodb.tables["orderwire-test-unpaid"].values()]


def refused(place, *args, **other):
    with pytest.raises(HttpProblem) as problem:
        place(*args, **other)
    return problem.value.status, problem.value.kind


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([False] * 9 + [True])), max_size=60), st.booleans())
def test_of_orders_placed_at_once_no_more_are_stored_than_there_are_places_even_if_some_die(schedule, by_key):
    till = Till(SteppedDynamoDB())
    attempts = [Attempt(lambda number=number: till.place(f"key-{number}" if by_key else None)) for number in range(5)]
    move_all(attempts, schedule)
    errors = [attempt.error for attempt in attempts if not isinstance(attempt.error, Crash)]
    assert {error and error.kind for error in errors} <= {None, "too-many-unpaid"}
    assert len(till.stored) == LIMIT or len(errors) < len(attempts)
    assert len(till.stored) <= LIMIT
    assert all(noted == till.stored for noted in till.noted)


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([FINE, CONFLICT, LOST])), max_size=12))
def test_an_order_is_noted_once_and_if_it_is_stored_alone_whatever_is_repeated_and_whatever_fails(requests):
    till, problems = Till(FakeDynamoDB()), set()
    for number, fault in requests:
        till.edges.clients.dynamodb.faults = iter([fault])
        is_left_out = False
        try:
            till.place(f"key-{number}")
        except HttpProblem as problem:
            is_left_out = problem.kind == "too-many-unpaid"
            problems.add(problem.kind)
        except ReadTimeoutError:  # it is stored, and nobody is told
            pass
        assert len(till.stored) == LIMIT or not is_left_out
    assert problems <= {"too-many-unpaid"}
    assert len(till.stored) <= LIMIT
    assert all(noted == till.stored for noted in till.noted)


def test_one_limit_is_for_an_address_and_one_for_a_customer():
    till = Till(FakeDynamoDB())
    for number in range(LIMIT):
        till.place(customer_id=f"guest-{number}")
    assert refused(till.place, customer_id="guest-9") == (429, "too-many-unpaid")
    till.place(customer_id="guest-0", customer_email="grace@example.com")
    assert refused(till.place, customer_id="guest-0", customer_email="alan@example.com") == (429, "too-many-unpaid")


def test_a_stage_that_takes_fewer_from_now_on_has_whoever_has_more_wait_until_they_have_fewer():
    till = Till(FakeDynamoDB())
    for _ in range(LIMIT):
        till.place()
        till.edges.clock.sleep(60)
    fewer = Settings(stage="test", most_unpaid_per_address=1, most_unpaid_per_customer=1)
    till.edges = replace(till.edges, settings=fewer)
    with pytest.raises(HttpProblem) as problem:
        till.place()
    assert problem.value.headers == {"Retry-After": str(360 * 60 - 60)}  # when the second of them leaves


@pytest.mark.parametrize("most", ["most_unpaid_per_address", "most_unpaid_per_customer"])
def test_the_stages_take_some_and_a_laptop_takes_many(most):
    taken = {name: int(stage.settings.get(most, getattr(Settings(stage=name), most))) for name, stage in STAGES.items()}
    assert taken == {"local": 100, "dev": 5, "staging": 5, "prod": 5}


def test_orders_on_account_are_of_one_customer_for_all_shoppers_and_have_no_such_limits():
    settings = Settings(stage="test")
    hashed = OrderIds(lambda: "secret").hashed
    assert limits(ASKED.model_copy(update={"payment_token": ON_ACCOUNT}), settings, hashed) == {}
    till = Till(FakeDynamoDB())
    orders = {till.place(payment_token=ON_ACCOUNT) for _ in range(2 * LIMIT)}
    assert (till.stored, till.noted) == (orders, [])


def test_an_order_is_noted_until_it_no_longer_counts_and_then_expires():
    with running_api(**FEW) as api:
        api.place()
        api.time.advance(60)
        api.place()
        rows = list(Unpaid(api.edges).scan())
        assert [len(row.placed) for row in rows] == [2, 2]
        assert {row.expires_at for row in rows} == {int(api.time.now.timestamp()) + 360 * 60}
        assert Unpaid.TABLE.expires == "expires_at"


def test_what_was_paid_meanwhile_is_looked_up_when_there_is_no_place_left():
    with running_api(**FEW) as api:
        for _ in range(LIMIT):
            paid = api.place().body["order_id"]
        assert api.place().status == 429
        api.hears(*api.bus.events)
        money = {"order_id": paid, "amount": TOTAL, "currency": "EUR", "reference": "pay_1"}
        api.hears(event(PaymentCompleted(**money, method="card")))
        assert api.place().status == 202
        assert api.place().status == 429
        assert Orders(api.edges).get(paid).payment_method == "card"


class Overloaded(FakeDynamoDB):
    """Takes no more of some calls."""

    def __init__(self, *calls: str) -> None:
        super().__init__()
        self._calls = calls

    def batch_get_item(self, **get):
        asked = get["RequestItems"]
        if "unread" in self._calls and "orderwire-test-unpaid" in asked:
            return {"Responses": {}, "UnprocessedKeys": asked}
        if "read" in self._calls and "orderwire-test-unpaid" in asked:
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "BatchGetItem")
        return super().batch_get_item(**get)

    def transact_write_items(self, **transaction):
        if "write" in self._calls:
            reasons = [{"Code": "None"}, {"Code": "ThrottlingError"}, {"Code": "None"}]
            error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(error, "TransactWriteItems")
        return super().transact_write_items(**transaction)


@pytest.mark.parametrize("call", ["read", "unread", "write"])
def test_where_nothing_can_be_counted_no_order_is_taken_and_the_answer_says_so_loudly(call):
    till = Till(Overloaded(call))
    with pytest.raises(Exception) as error:  # noqa: PT011  (what it is for the client is asserted below)
        till.place()
    problem = as_problem(error.value, "test")
    assert (problem.status, "Retry-After" in problem.headers) == (503, True)
    assert till.stored == set()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("ada+shop@example.com", "ada@example.com"),
        ("a.d.a@example.com", "ada@example.com"),
        ("A.d.a+x@gmail.com", "ada@gmail.com"),
        ("a.da@googlemail.com", "ada@gmail.com"),
        ("+ada@example.com", "+ada@example.com"),
        ("ada@me.com", "ada@icloud.com"),
        ("ada@mac.com", "ada@icloud.com"),
        ("ada@protonmail.com", "ada@proton.me"),
        ("ada@PM.me", "ada@proton.me"),
        ("ada@mail.googlemail.com", "ada@mail.googlemail.com"),
        ("ada_1-2@example.com", "ada_1-2@example.com"),
        ("a@d@example.com", "a@d@example.com"),
    ],
)
def test_one_way_of_writing_an_address_stands_for_all_that_may_reach_its_mailbox(written, meant):
    assert mailbox(written) == meant == mailbox(meant)


def test_the_name_of_what_is_counted_needs_the_stages_secret_and_is_no_orders_id():
    ids, others = OrderIds(lambda: "secret"), OrderIds(lambda: "another")
    names = [each.hashed(kind, "ada@example.com") for each in (ids, others) for kind in ("address", "customer")]
    assert len({name.partition("_")[2] for name in names}) == len(names)
    assert "ada" not in "".join(names)
    assert ids.hashed("address", "ada").partition("_")[2] != ids.order_id("address", "ada").partition("_")[2]
    assert set(UNLIMITED) == {"most_unpaid_per_address", "most_unpaid_per_customer"}
