"""Analytics: the figures are those of the distinct events, however often, in whatever order and company they come."""

import json
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.analytics import CONSUMER, AnalyticsConsumer
from consumers.decisions.analytics import MOST_EVENTS, addition, guard, parts
from infrastructure.resources.bus import ARCHIVE_DAYS
from infrastructure.resources.queues import DAYS_4, DAYS_14
from schemas.envelope import REGISTRY
from schemas.events import (
    InventoryLowStock,
    InventoryRejected,
    OrderCreated,
    OrderItem,
    OrderShipped,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    Shortage,
)
from tables.latest import KEPT, KeptEvent
from tables.metrics import GUARDED, TABLE, Counts, Metrics, figures_id
from tables.order_row import SHARDS, shard_of
from tables.rows import ATTEMPTS, Contended
from tests.support.dynamodb import CONFLICT, FINE, LOST, fake_edges
from tests.support.edges import NOON, FakeTime, moto_edges
from tests.support.events import TOTAL, created, delivery, event, one_of_each
from tests.support.strategies import any_event

NOW = NOON + timedelta(hours=2)
MONEY = {"amount": TOTAL, "currency": "EUR"}
SHELF = {"book-1": ("Middlemarch", "29.99"), "book-2": ("Emma", "0.10"), "book-3": ("Ulysses", "500.00")}


def order(number, copies):
    """Order `number` of so many copies by sku, two hours after order `number - 1`."""
    items = [
        OrderItem(sku=sku, name=SHELF[sku][0], quantity=quantity, unit_price=Decimal(SHELF[sku][1]))
        for sku, quantity in copies.items()
    ]
    total = sum(item.quantity * item.unit_price for item in items) + 10
    return event(created(f"ord_{number}", items=items, total=total), at_hour(number))


def at_hour(number):
    return NOON - timedelta(hours=2 * number)


def life(number, copies):
    """Every kind of event that changes a figure, and some that change none."""
    order_id, at = f"ord_{number}", at_hour(number) + timedelta(minutes=70)
    told = [
        PaymentCompleted(order_id=order_id, **MONEY, method="card", reference="pay_1"),
        PaymentRefunded(order_id=order_id, **MONEY, method="card", reference="pay_1"),
        PaymentFailed(order_id=order_id, **MONEY, reason="card_declined"),
        InventoryRejected(order_id=order_id, items=[Shortage(sku="book-1", requested=2, available=1)]),
    ]
    return [order(number, copies), *(event(data, at) for data in told), *one_of_each(order_id)[6:9]]


def copies(number):
    return dict.fromkeys(list(SHELF)[: number % 3 + 1], number % 5 + 1)


EVENTS = [each for number in range(9) for each in life(number, copies(number))]


def straightforward(events):
    """The figures by hour and the products by sku, of distinct events, added up as one would on paper."""
    hours, products, failed = defaultdict(Counter), defaultdict(Counter), set()
    for each in {each.event_id: each for each in events}.values():
        hour = hours[each.metadata.occurred_at.replace(minute=0, second=0, microsecond=0)]
        match each.data:
            case OrderCreated() as data:
                hour.update(orders=1, ordered=data.total, units=sum(item.quantity for item in data.items))
                for item in data.items:
                    products[item.sku].update(units=item.quantity, ordered=item.quantity * item.unit_price)
            case PaymentCompleted(amount=amount):
                hour.update(revenue=amount)
            case PaymentRefunded():
                hour.update(refunds=1)
            case PaymentFailed() | InventoryRejected() if each.data.order_id not in failed:
                hour.update(failures=1)
                failed.add(each.data.order_id)
    return {hour: Counts(**figures) for hour, figures in hours.items() if figures}, products


def latest_of(events):
    """The distinct events, newest first, as far back as every shard has room for all of its own."""
    newest = sorted({KeptEvent.of(each) for each in events}, key=lambda each: each.place, reverse=True)
    found, taken = [], Counter()
    for each in newest:
        found.append(each)
        taken[shard_of(each.order_id)] += 1
        if KEPT in taken.values():
            break
    return found


def read(edges, hours=48):
    """What the metrics table says, without hours in which nothing happened."""
    metrics = Metrics(edges)
    figures = {hour: figures for hour, figures in metrics.hours(hours) if figures != Counts()}
    products = {top.sku: Counter(units=top.units, ordered=top.ordered) for top in metrics.top_products(hours, 99)}
    return figures, products


def run(edges, batches):
    """Delivers the batches; what failed comes again later, in one batch with others that failed."""
    consumer, waiting = AnalyticsConsumer(edges), [list(batch) for batch in batches]
    for batch in waiting:
        outcomes = consumer.handle_together([delivery(each) for each in batch])
        failed = [each for each, error in zip(batch, outcomes, strict=True) if error]
        if failed:
            waiting.append(failed)
        assert len(waiting) < 1000


@st.composite
def batches(draw):
    """Numbers of EVENTS: all of them, some several times, in any order, cut into batches anywhere."""
    numbers = list(range(len(EVENTS)))
    shuffled = draw(st.permutations(numbers + draw(st.lists(st.sampled_from(numbers), max_size=40))))
    cuts = sorted(draw(st.sets(st.integers(1, len(shuffled) - 1), max_size=8)))
    return [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


def chosen(batches):
    return [[EVENTS[number] for number in batch] for batch in batches]


@settings(max_examples=20, deadline=None)
@given(batches(), st.lists(st.sampled_from([FINE, CONFLICT, LOST]), max_size=60))
def test_the_figures_are_those_of_the_distinct_events_whatever_comes_again_regrouped_or_after_a_crash(batches, faults):
    edges = fake_edges(faults, FakeTime(NOW))
    run(edges, chosen(batches))
    assert read(edges) == straightforward(EVENTS)
    assert Metrics(edges).latest() == latest_of(EVENTS)


@settings(max_examples=15, deadline=None)
@given(batches(), batches())
def test_hearing_everything_again_in_other_batches_writes_nothing(first, again):
    edges = fake_edges()
    run(edges, chosen(first))
    written = len(edges.clients.dynamodb.writes)
    run(edges, chosen(again))
    assert len(edges.clients.dynamodb.writes) == written


@settings(max_examples=30, deadline=None)
@given(st.lists(any_event, max_size=20))
def test_any_valid_event_that_changes_a_figure_gets_a_guard(events):
    edges = fake_edges()
    run(edges, [events])
    counting = {guard(each) for each in events if addition(each) and not each.metadata.test}
    keys = edges.clients.dynamodb.tables["orderwire-test-metrics"]
    assert {key for key in keys if key.startswith(("counted#", "failed#"))} == counting


@settings(max_examples=30, deadline=None)
@given(st.lists(any_event, max_size=80))
def test_a_transaction_takes_up_to_a_hundred_rows_of_one_shard(events):
    for part in parts(events):
        assert 0 < len(part) <= MOST_EVENTS
        assert len({shard_of(each.data.order_id) for each in part}) == 1
    assert MOST_EVENTS * 3 + 1 <= 100


def test_days_are_the_sums_of_their_hours():
    edges = fake_edges(time=FakeTime(NOW))
    run(edges, [EVENTS])
    metrics = Metrics(edges)
    days = metrics.days(7)
    assert [f"{day:%d}" for day, _ in days] == ["14", "15", "16", "17", "18", "19", "20"]
    for day, figures in days:
        of_day = [each for hour, each in metrics.hours(24 * 7) if hour.date() == day.date()]
        assert figures == sum(of_day, Counts())


def test_the_hours_have_no_gap_and_end_with_the_current_one():
    hours = Metrics(fake_edges(time=FakeTime(NOON + timedelta(minutes=59)))).hours(24)
    assert [hour for hour, _ in hours] == [NOON - timedelta(hours=23 - back) for back in range(24)]
    assert {figures for _, figures in hours} == {Counts()}
    assert Counts().average_basket is None


def test_the_average_basket_is_the_mean_total_of_the_orders_placed_in_the_hour():
    edges = fake_edges()
    run(edges, [[event(created("ord_1", total=Decimal("10.00"))), event(created("ord_2", total=Decimal("0.05")))]])
    [(_, figures)] = Metrics(edges).hours(1)
    assert (figures.orders, figures.ordered, figures.average_basket) == (2, Decimal("10.05"), Decimal("5.02"))
    assert figures.revenue == 0


def test_the_top_products_are_those_with_most_copies_of_the_last_hours():
    edges = fake_edges()
    run(edges, [[order(0, {"book-1": 1, "book-2": 7}), order(1, {"book-3": 2, "book-1": 1}), order(13, {"book-3": 9})]])
    tops = Metrics(edges).top_products(24, 2)
    assert [(top.sku, top.name, top.units, top.ordered) for top in tops] == [
        ("book-2", "Emma", 7, Decimal("0.70")),
        ("book-3", "Ulysses", 2, Decimal("1000.00")),
    ]
    assert [top.sku for top in Metrics(edges).top_products(48, 1)] == ["book-3"]


def test_an_order_with_several_lines_of_one_product_counts_the_copies_of_all_of_them():
    line = {"sku": "book-1", "name": "Middlemarch", "unit_price": Decimal("29.99")}
    edges = fake_edges()
    run(edges, [[event(created(items=[OrderItem(**line, quantity=1), OrderItem(**line, quantity=2)]))]])
    [top] = Metrics(edges).top_products()
    assert (top.units, top.ordered) == (3, Decimal("89.97"))


@pytest.mark.parametrize("first", [0, 1])
def test_an_order_that_is_sold_out_and_refused_by_the_card_is_one_failure(first):
    edges, both = fake_edges(time=FakeTime(NOW)), life(0, {"book-1": 2})[3:5]
    assert {type(each.data) for each in both} == {PaymentFailed, InventoryRejected}
    run(edges, [[both[first]], [both[1 - first]], both])
    assert sum(figures.failures for figures in read(edges)[0].values()) == 1


def test_no_row_but_guards_is_written_by_orders_of_different_shards():
    edges = fake_edges()
    run(edges, [EVENTS])
    for key in edges.clients.dynamodb.tables["orderwire-test-metrics"]:
        assert key.startswith(("counted#", "failed#")) or key.endswith(tuple(f"#{shard}" for shard in range(8)))
    shards = {shard_of(each.data.order_id) for each in EVENTS}
    assert len(shards) > 4
    assert {figures_id(NOON, shard) for shard in shards} & set(edges.clients.dynamodb.tables["orderwire-test-metrics"])


def test_a_shipment_of_an_old_order_and_low_stock_are_among_the_latest_events_and_the_rest_is_dropped():
    edges, later = fake_edges(), NOON + timedelta(days=9)
    old = [event(OrderShipped(order_id=f"ord_{number}"), at_hour(number)) for number in range(300)]
    shipped = event(OrderShipped(order_id="ord_of_last_week"), later)
    low = event(InventoryLowStock(order_id="ord_1", sku="book-1", on_hand=1, threshold=2), later + timedelta(seconds=1))
    run(edges, [old, [low], [shipped], old])
    latest = Metrics(edges).latest()
    assert [(each.type, each.order_id, each.sku) for each in latest[:2]] == [
        ("inventory.low_stock", "ord_1", "book-1"),
        ("order.shipped", "ord_of_last_week", None),
    ]
    assert latest == latest_of([*old, low, shipped])
    assert KEPT <= len(latest) <= KEPT * SHARDS
    stored = edges.clients.dynamodb.tables["orderwire-test-metrics"]
    assert sorted(stored) == [f"latest#{shard}" for shard in range(SHARDS)]
    assert {len(row["latest"]["L"]) for row in stored.values()} == {KEPT}
    assert {len(json.dumps(row)) < 4096 for row in stored.values()} == {True}  # with DynamoDB's type names


@pytest.mark.parametrize("how", [{"replayed": True}, {"test": True}])
def test_replays_and_smoke_orders_count_for_nothing_even_if_they_come_past_the_rule(how):
    edges = fake_edges()
    told = delivery(event(created(), test="test" in how), replayed="replayed" in how)
    assert AnalyticsConsumer(edges).handle_together([told]) == [None]
    assert edges.clients.dynamodb.writes == []


def test_a_part_that_stays_in_conflict_fails_alone():
    edges = fake_edges()
    first, second = (next(e for e in EVENTS if shard_of(e.data.order_id) == shard) for shard in ("0", "2"))
    edges.clients.dynamodb.faults = iter([CONFLICT] * ATTEMPTS)
    outcomes = AnalyticsConsumer(edges).handle_together([delivery(first), delivery(second), delivery(first)])
    assert [type(outcome) for outcome in outcomes] == [Contended, type(None), Contended]
    assert [error is None for error in AnalyticsConsumer(edges).handle_together([delivery(first)])] == [True]


def test_an_answer_that_is_lost_counts_nothing_twice():
    edges = fake_edges([LOST])
    consumer = AnalyticsConsumer(edges)
    [outcome] = consumer.handle_together([delivery(EVENTS[0])])
    assert isinstance(outcome, ReadTimeoutError)
    assert consumer.handle_together([delivery(EVENTS[0])]) == [None]
    assert read(edges) == straightforward(EVENTS[:1])


def test_on_moto_as_in_memory():
    with moto_edges(FakeTime(NOW)) as edges:
        run(edges, [EVENTS[:40], EVENTS[20:], EVENTS])
        assert read(edges) == straightforward(EVENTS)
        assert Metrics(edges).latest() == latest_of(EVENTS)


def test_cloudwatch_gets_what_was_added_and_nothing_for_what_comes_again(capsys):
    edges = fake_edges()
    events = [order(0, {"book-1": 2}), *life(1, {"book-2": 1})[1:2]]
    run(edges, [events, events])
    [line] = capsys.readouterr().out.splitlines()
    metrics = json.loads(line)
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Orderwire"
    assert (metrics["stage"], metrics["service"]) == ("test", "analytics")
    figures = {name: metrics[name] for name in ("OrdersPlaced", "UnitsOrdered", "Ordered", "Revenue", "Failures")}
    assert figures == {
        "OrdersPlaced": [1],
        "UnitsOrdered": [2],
        "Ordered": [69.98],
        "Revenue": [69.98],
        "Failures": [0],
    }


def test_a_guard_outlives_every_way_in_which_its_event_can_come_again():
    edges = fake_edges()
    run(edges, [EVENTS[:1]])
    [guard] = Metrics(edges).get_many([f"counted#{EVENTS[0].event_id}"]).values()
    assert TABLE.expires == "expires_at"
    assert guard.expires_at == int((NOON + GUARDED).timestamp())
    waiting = timedelta(seconds=2 * (DAYS_4 + DAYS_14))
    assert timedelta(days=ARCHIVE_DAYS) + waiting < GUARDED
    assert {row.expires_at for row in Metrics(edges).get_many([figures_id(NOON, shard_of("ord_0"))]).values()} == {None}


def test_it_hears_everything_but_replays_and_smoke_orders():
    assert all(issubclass(contract, CONSUMER.hears) for contract in REGISTRY.values())
    pattern = CONSUMER.pattern()
    [prefix] = [each["prefix"] for each in pattern["source"]]
    assert all(contract.SOURCE.startswith(prefix) for contract in REGISTRY.values())
    absent = [{"exists": False}]
    assert pattern == {
        "source": [{"prefix": prefix}],
        "replay-name": absent,
        "detail": {"metadata": {"replay": absent, "test": absent}},
    }
