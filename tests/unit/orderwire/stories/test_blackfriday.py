"""The judgement of the Black Friday story: every part of it can come out otherwise, and then it says so."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from consumers.decisions.analytics import counted as counted_by_analytics
from consumers.providers.port import LedgerEntry
from orderwire.__main__ import main
from orderwire.machine.local import CATALOG
from orderwire.operate.dlq import DeadLetter
from orderwire.stories.blackfriday import mistake
from orderwire.stories.blackfriday.figures import FOREVER, Pace, durations, pace, percentile
from orderwire.stories.blackfriday.judge import SLOWER, TAIL_SLOWER, RushEnd, Story, judge, keeps_pace
from orderwire.stories.blackfriday.perform import most_wanted
from orderwire.stories.blackfriday.show import held, show
from orderwire.stories.blackfriday.slow import slowed
from orderwire.stories.blackfriday.traffic import basket, spread
from orderwire.stories.demo.books import Books
from orderwire.workplace.samples import load_catalog
from schemas.events import InventoryReserved, ItemQuantity, OrderProcessed, OrderShipped, PaymentCompleted
from schemas.types import format_time
from tables.mails import Mail, MailRow, Ordered
from tables.order_row import fold
from tables.payments import PaymentRow
from tables.reservations import ReservationRow
from tables.row import plain_item
from tables.sandbox_ledger import SandboxLedger
from tables.stock import StockRow
from tests.support.edges import NOON, FakeTime, moto_edges
from tests.support.events import TOTAL, created, event

BEFORE, GOOD, BAD = ["ord_b1", "ord_b2", "ord_b3"], ["ord_r1", "ord_r2", "ord_r3"], ["ord_x1", "ord_x2"]
ALL = [*BEFORE, *GOOD, *BAD]
NOTHING = Decimal("0.00")
PACES = ("payments keep their pace", "shipping keeps its pace")


def item(row):
    return plain_item(row.to_item())


def events_of(order_id, paid=1.0, shipped=2.0):
    """An order that was paid so many seconds after it was placed, and shipped so many after that."""
    money = {"order_id": order_id, "amount": TOTAL, "currency": "EUR"}
    items = [ItemQuantity(sku="book-1", quantity=2)]
    steps = [
        (created(order_id), 0),
        (InventoryReserved(order_id=order_id, items=items), paid / 2),
        (PaymentCompleted(**money, method="card", reference="pay_1"), paid),
        (OrderProcessed(order_id=order_id), paid),
        (OrderShipped(order_id=order_id), paid + shipped),
    ]
    return [event(data, NOON + timedelta(seconds=after)) for data, after in steps]


def shipped_order(order_id, **seconds):
    row = None
    for each in events_of(order_id, **seconds):
        row = fold(row, each)
    return item(row)


def payment(order_id):
    fields = {"amount": TOTAL, "currency": "EUR", "method": "card", "status": "captured", "reference": "pay_1"}
    return item(PaymentRow(order_id=order_id, **fields))


def reservation(order_id):
    items = [ItemQuantity(sku="book-1", quantity=2)]
    return item(ReservationRow(order_id=order_id, state="shipped", items=items))


def mail(order_id):
    ordered = Ordered(email="ada@example.com", items=[], shipping=Decimal("10.00"), total=TOTAL, currency="EUR")
    sent = Mail(message_id=f"m-{order_id}", sent_at=format_time(NOON))
    return item(MailRow(order_id=order_id, ordered=ordered, mails={"shipped": sent}))


def ledger_entry(order_id, captured=TOTAL):
    amounts = {"authorised": TOTAL, "captured": captured, "voided": NOTHING, "refunded": NOTHING}
    return LedgerEntry(order_id=order_id, reference="pay_1", currency="EUR", **amounts)


def metrics(orders):
    rows, _ = counted_by_analytics({}, [each for order_id in orders for each in events_of(order_id)], NOON)
    return {key: item(row) for key, row in rows.items()}


def good_books():
    copies = 2 * len(ALL)
    return Books(
        tables={
            "orders": {each: shipped_order(each) for each in ALL},
            "stock": {"book-1": item(StockRow(sku="book-1", on_hand=50, shipped=copies))},
            "payments": {each: payment(each) for each in ALL},
            "reservations": {each: reservation(each) for each in ALL},
            "mails": {each: mail(each) for each in ALL},
            "metrics": metrics(ALL),
            "order-log": {f"m-{each}": {"id": f"m-{each}", "order_id": each} for each in ALL},
        },
        ledger=tuple(ledger_entry(each) for each in ALL),
        mails=tuple(f"{each} is on its way" for each in ALL),
        queues={"payment": 0, "payment-dlq": 0},
        archived=5 * len(ALL),
    )


def letter(order_id, **changes):
    error = "Hopeless: authorise refused: the payment is for 1.00 EUR, not 69.98 EUR"
    told = DeadLetter("payment", order_id, "order.created", "id", "hopeless", error, 1, NOON)
    return replace(told, **changes)


FOUND = RushEnd(
    backlog=20,
    statuses={**dict.fromkeys([*BEFORE, *GOOD], "shipped"), **dict.fromkeys(BAD, "pending")},
    letters=[letter(order_id) for order_id in BAD],
    paid=[*BEFORE, *GOOD],
)


def good_story(**changes):
    fields = {
        "opening": [],
        "before": BEFORE,
        "rush": [*GOOD, *BAD],
        "bad": BAD,
        "found": FOUND,
        "moved": len(BAD),
        "books": good_books(),
        "first_stock": {"book-1": 50 + 2 * len(ALL)},
    }
    return Story(**{**fields, **changes})


def failing(**changes):
    return {each.rule for each in judge(good_story(**changes)) if each.wrong}


def with_table(name, **items):
    books = good_books()
    return replace(books, tables={**books.tables, name: {**books.tables[name], **items}})


def test_the_story_as_it_is_told_has_no_failing_check():
    assert failing() == set()


@pytest.mark.parametrize(("step", "rule"), [("paid", PACES[0]), ("shipped", PACES[1])])
def test_orders_that_take_much_longer_in_the_rush_are_found(step, rule):
    slow = {order_id: shipped_order(order_id, **{step: 10.0}) for order_id in GOOD}
    assert failing(books=with_table("orders", **slow)) == {rule}
    bad_are_slow = {order_id: shipped_order(order_id, **{step: 1000.0}) for order_id in BAD}
    assert failing(books=with_table("orders", **bad_are_slow)) == set()


@pytest.mark.parametrize(
    ("before", "rush", "keeps"),
    [
        (Pace(1.0, 2.0), Pace(SLOWER, 2 * TAIL_SLOWER), True),
        (Pace(1.0, 2.0), Pace(SLOWER + 0.1, 2.0), False),
        (Pace(1.0, 2.0), Pace(1.0, 2 * TAIL_SLOWER + 0.1), False),
        (Pace(0.01, 0.02), Pace(1.0, 1.0), True),
        (Pace(1.0, 2.0), Pace(1.0, FOREVER), False),
        (Pace(FOREVER, FOREVER), Pace(FOREVER, FOREVER), False),
    ],
)
def test_a_pace_is_kept_up_to_its_bounds_and_what_nobody_notices(before, rush, keeps):
    assert (not keeps_pace("it", before, rush).wrong) == keeps


def test_a_rush_in_which_nothing_was_paid_has_no_pace():
    unpaid = {order_id: item(fold(None, events_of(order_id)[0])) for order_id in GOOD}
    assert set(PACES) <= failing(books=with_table("orders", **unpaid))


def test_an_analytics_that_kept_up_shows_nothing():
    assert failing(found=replace(FOUND, backlog=len(GOOD) + len(BAD) - 1)) == {"analytics was far behind"}


def test_another_order_that_was_not_shipped_meanwhile_is_found():
    then = FOUND.statuses
    for status in ({GOOD[0]: "confirmed"}, {GOOD[0]: "pending"}):
        assert failing(found=replace(FOUND, statuses={**then, **status})) == {"meanwhile all others were shipped"}
    then = {key: then[key] for key in then if key != GOOD[0]}
    assert failing(found=replace(FOUND, statuses=then)) == {"meanwhile all others were shipped"}


@pytest.mark.parametrize(
    "letters",
    [
        [letter(BAD[0])],
        [*map(letter, BAD), letter(GOOD[0])],
        [letter(BAD[0]), letter(BAD[1], reason="exhausted")],
        [letter(BAD[0]), letter(BAD[1], error="Hopeless: something else")],
        [letter(BAD[0]), letter(BAD[1], error=None)],
    ],
)
def test_a_bad_order_that_does_not_wait_with_its_reason_or_another_that_does_is_found(letters):
    assert failing(found=replace(FOUND, letters=letters), moved=len(letters)) == {"the bad ones wait with their reason"}


def test_a_bad_order_that_was_charged_or_settled_too_early_is_found():
    assert failing(found=replace(FOUND, paid=[*GOOD, BAD[0]])) == {"the bad ones wait with their reason"}
    then = {**FOUND.statuses, BAD[0]: "confirmed"}
    assert failing(found=replace(FOUND, statuses=then)) == {"the bad ones wait with their reason"}


def test_a_dead_letter_that_was_not_moved_is_found():
    assert failing(moved=1) == {"redriven, they are paid and shipped"}


def test_a_bad_order_that_is_not_shipped_in_the_end_or_not_there_is_found():
    row = None
    for each in events_of(BAD[0])[:3]:
        row = fold(row, each)
    assert "redriven, they are paid and shipped" in failing(books=with_table("orders", **{BAD[0]: item(row)}))
    books = good_books()
    orders = {key: row for key, row in books.tables["orders"].items() if key != BAD[0]}
    found = failing(books=replace(books, tables={**books.tables, "orders": orders}))
    assert {"redriven, they are paid and shipped", "1 every accepted order is there once"} <= found


@pytest.mark.parametrize("captured", [NOTHING, 2 * TOTAL])
def test_a_bad_order_that_is_charged_never_or_twice_is_found(captured):
    ledger = [ledger_entry(each, captured if each == BAD[0] else TOTAL) for each in ALL]
    found = failing(books=replace(good_books(), ledger=tuple(ledger)))
    assert {"redriven, they are paid and shipped", "2 money is taken once, the order's total"} <= found


@pytest.mark.parametrize("orders", [ALL[1:], [*ALL, "ord_counted_twice"]])
def test_figures_that_are_not_what_counting_gives_are_found(orders):
    books = good_books()
    found = failing(books=replace(books, tables={**books.tables, "metrics": metrics(orders)}))
    assert found == {"analytics has caught up, to the cent"}


def test_an_order_that_is_not_in_the_log_or_there_twice_is_found():
    books = good_books()
    log = books.tables["order-log"]
    for changed in (dict(list(log.items())[1:]), {**log, "again": {"id": "again", "order_id": ALL[0]}}):
        found = failing(books=replace(books, tables={**books.tables, "order-log": changed}))
        assert found == {"the order log has every order"}


def test_messages_that_are_left_over_in_the_end_are_found():
    queues = {"payment": 0, "payment-dlq": 1}
    assert failing(books=replace(good_books(), queues=queues)) == {"4 no message is left over"}


def test_percentiles_are_values_that_occurred():
    assert [percentile([3.0, 1.0, 2.0, 4.0], percent) for percent in (1, 50, 51, 95, 100)] == [1, 2, 3, 4, 4]
    assert pace([2.0]) == Pace(2.0, 2.0)
    assert pace([]) == Pace(FOREVER, FOREVER)


def test_durations_leave_out_what_did_not_happen():
    orders = good_books().orders
    unpaid = fold(None, events_of("ord_unpaid")[0])
    of = [BEFORE[0], "ord_unpaid", "ord_missing"]
    found = durations({**orders, "ord_unpaid": unpaid}, of, "order.created", "payment.completed")
    assert found == [1.0]


def test_the_bad_orders_are_spread_over_the_rush_and_are_as_many_as_they_must_be():
    assert spread(3, 9) == [0, 3, 6]
    for among in (36, 60, 240, 241):
        assert len(set(spread(12, among))) == 12
        assert max(spread(12, among)) < among


def test_no_basket_asks_for_more_than_there_is_or_for_a_title_twice():
    products = load_catalog(CATALOG)
    titles = most_wanted(products)
    assert len(set(titles)) == len(titles)
    for number in range(1000):
        skus = [each["sku"] for each in basket("rush", number, titles)["items"]]
        assert set(skus) <= set(titles)
        assert len(set(skus)) == len(skus)


def test_the_mistake_is_on_file_for_the_ids_that_the_orders_will_have_until_it_is_mended():
    with moto_edges() as edges:
        edges.clients.secrets.create_secret(Name=edges.settings.path("order-id-key"), SecretString="k" * 32)
        ids = mistake.order_ids(edges, "rush", [3, 5])
        assert ids == mistake.order_ids(edges, "rush", [3, 5])
        assert len(set(ids)) == 2
        mistake.make(edges, ids)
        assert {row.order_id: (row.amount, row.status) for row in SandboxLedger(edges).scan()} == dict.fromkeys(
            ids, (Decimal("1.00"), "none")
        )
        mistake.mend(edges, ids)
        assert list(SandboxLedger(edges).scan()) == []


def test_a_slowed_function_does_the_same_later():
    time, calls = FakeTime(), []
    slow = slowed(lambda event, context: calls.append((event, context)), 3.0, time.clock())
    slow("event", "context")
    assert (time.slept, calls) == ([3.0], [("event", "context")])


def test_dead_letters_of_an_order_are_told_together():
    story = good_story(found=replace(FOUND, letters=[letter(each) for each in ("ord_x1", "ord_x2", "ord_x1")]))
    assert [(each.order_id, each.letters) for each in held(story)] == [("ord_x1", 2), ("ord_x2", 1)]


def test_the_figures_are_shown_to_people_and_as_json(capsys):
    good, bad = good_story(), good_story(moved=0)
    show(good, judge(good), 61.0, False)
    told = " ".join(capsys.readouterr().out.split())
    assert "after a rush of 5 orders in 0 s" in told
    assert "The story ended as it is told. (61 s)" in told
    show(bad, judge(bad), 61.0, False)
    assert "did not end as it is told: 1 checks failed." in " ".join(capsys.readouterr().out.split())
    show(bad, judge(bad), 61.04, True)
    document = json.loads(capsys.readouterr().out)
    assert (document["good"], document["seconds"], len(document["dead_letters"])) == (False, 61.0, 2)


def test_a_rush_that_is_too_small_for_the_story_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["blackfriday", "--orders", "12"])
    assert ended.value.code == 2
    assert "greater than or equal to 36" in " ".join(capsys.readouterr().err.split())
