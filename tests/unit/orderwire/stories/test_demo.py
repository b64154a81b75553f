"""The demo's judgement: each end and each balance that it checks can be wrong, and then it says so."""

from dataclasses import replace
from decimal import Decimal

import pytest

from consumers.providers.port import LedgerEntry
from orderwire.stories.demo.books import Books
from orderwire.stories.demo.checks import checks, unchanged
from orderwire.stories.demo.ends import ends, settled
from orderwire.stories.demo.outcome import DemoOutcome
from orderwire.stories.demo.shop import effort
from orderwire.stories.demo.shopper import Acted, Shopper
from orderwire.stories.demo.show import show
from orderwire.workplace.api_client import ApiAnswer
from orderwire.workplace.samples import SampleOrder
from schemas.events import ItemQuantity
from schemas.types import format_time
from tables.mails import Mail, MailRow, Ordered
from tables.order_row import fold
from tables.payments import PaymentRow
from tables.reservations import ReservationRow
from tables.row import plain_item
from tables.stock import StockRow
from tests.support.edges import NOON
from tests.support.events import ORDER, TOTAL, one_of_each

EVENTS = {each.type: each for each in one_of_each()}
PAID = ("order.created", "inventory.reserved", "payment.completed")
NOTHING = Decimal("0.00")


def item(row):
    return plain_item(row.to_item())


def order(*types):
    row = None
    for name in types:
        row = fold(row, EVENTS[name])
    return row


def entry(**totals):
    amounts = {"authorised": TOTAL, "captured": TOTAL, "voided": NOTHING, "refunded": NOTHING}
    return LedgerEntry(order_id=ORDER, reference="pay_1", currency="EUR", **{**amounts, **totals})


def good_books():
    """One order of two copies, confirmed: 69.98 captured, one mail sent, 8 of 10 copies left on hand."""
    sent = Mail(message_id="m-1", sent_at=format_time(NOON))
    ordered = Ordered(email="ada@example.com", items=[], shipping=Decimal("10.00"), total=TOTAL, currency="EUR")
    return Books(
        tables={
            "orders": {ORDER: item(order(*PAID))},
            "stock": {"book-1": item(StockRow(sku="book-1", on_hand=8, reserved=2))},
            "payments": {
                ORDER: item(
                    PaymentRow(
                        order_id=ORDER,
                        amount=TOTAL,
                        currency="EUR",
                        method="card",
                        status="captured",
                        reference="pay_1",
                    )
                )
            },
            "reservations": {
                ORDER: item(
                    ReservationRow(order_id=ORDER, state="reserved", items=[ItemQuantity(sku="book-1", quantity=2)])
                )
            },
            "mails": {ORDER: item(MailRow(order_id=ORDER, ordered=ordered, mails={"confirmation": sent}))},
        },
        ledger=(entry(),),
        mails=(f"We have your order {ORDER}",),
        queues={"payment": 0, "payment-dlq": 0},
        archived=3,
    )


def with_item(books, table, key, row):
    return replace(books, tables={**books.tables, table: {**books.tables[table], key: item(row)}})


def failing(books, accepted=(ORDER,), stock=None):
    """The rules that do not hold."""
    found = checks(books, accepted, {"book-1": 10} if stock is None else stock)
    return {each.rule for each in found if each.wrong}


def test_books_that_balance_have_no_failing_check():
    assert failing(good_books()) == set()


def test_an_accepted_order_that_is_missing_and_one_that_nobody_placed_are_found():
    assert "1 every accepted order is there once" in failing(good_books(), accepted=[ORDER, "ord_lost"])
    assert failing(good_books(), accepted=[]) == {"1 every accepted order is there once"}


def test_an_order_that_still_waits_for_the_bus_is_found():
    waiting = order(*PAID).with_(outbox={"id": "text"})
    assert failing(with_item(good_books(), "orders", ORDER, waiting)) == {"1 every accepted order is there once"}


@pytest.mark.parametrize(
    "totals",
    [
        {"captured": TOTAL - Decimal("0.01")},
        {"captured": TOTAL + TOTAL},
        {"captured": NOTHING},
        {"refunded": TOTAL},
        {"refunded": Decimal("0.01")},
    ],
)
def test_a_cent_too_much_or_too_little_is_found(totals):
    found = failing(replace(good_books(), ledger=(entry(**totals),)))
    assert {"2 money is taken once, the order's total", "2 payments table and provider agree"} <= found


def test_a_payment_for_an_order_that_there_is_not_is_found():
    stray = replace(entry(), order_id="ord_stray")
    found = checks(replace(good_books(), ledger=(entry(), stray)), [ORDER], {"book-1": 10})
    wrong = [text for each in found for text in each.wrong]
    assert "ord_stray: the provider has a payment, the shop no order" in wrong


def test_two_wrong_payments_that_add_up_to_the_right_sum_are_found():
    other = order(*PAID).with_(order_id="ord_2")
    books = with_item(good_books(), "orders", "ord_2", other)
    ledger = (entry(captured=TOTAL + 1), replace(entry(captured=TOTAL - 1), order_id="ord_2"))
    assert "2 money is taken once, the order's total" in failing(replace(books, ledger=ledger), [ORDER, "ord_2"])


def test_money_for_what_was_never_reserved_is_found():
    rejected = ReservationRow(order_id=ORDER, state="rejected")
    assert failing(with_item(good_books(), "reservations", ORDER, rejected)) == {"2 only for what was reserved"}


def test_a_copy_that_was_lost_or_made_up_is_found():
    for on_hand in (7, 9):
        row = StockRow(sku="book-1", on_hand=on_hand, reserved=2)
        assert failing(with_item(good_books(), "stock", "book-1", row)) == {"3 no copy is lost or made up"}
    assert "3 no copy is lost or made up" in failing(good_books(), stock={"book-1": 10, "book-2": 1})


def test_a_copy_in_the_wrong_place_is_found_though_the_sum_is_right():
    for fields in ({"on_hand": 9, "reserved": 1}, {"on_hand": 8, "reserved": 1, "shipped": 1}):
        books = with_item(good_books(), "stock", "book-1", StockRow(sku="book-1", **fields))
        assert failing(books) == {"3 stock is what the orders say"}


def test_a_shipped_order_has_its_copies_out_of_the_house():
    books = with_item(good_books(), "orders", ORDER, order(*PAID, "order.processed", "order.shipped"))
    assert failing(books) == {"3 stock is what the orders say"}
    row = StockRow(sku="book-1", on_hand=8, shipped=2)
    assert failing(with_item(books, "stock", "book-1", row)) == set()


@pytest.mark.parametrize("queue", ["payment", "payment-dlq"])
def test_a_message_that_is_left_over_is_found(queue):
    books = replace(good_books(), queues={**good_books().queues, queue: 1})
    assert failing(books) == {"4 no message is left over"}


def test_a_mail_sent_twice_or_never_or_unknown_to_the_table_is_found():
    books = good_books()
    assert failing(replace(books, mails=books.mails * 2)) == {"6 each mail is sent once"}
    assert failing(replace(books, mails=())) == {"6 each mail is sent once"}
    wanted = books.mail_rows[ORDER].with_(mails={"confirmation": Mail()})
    assert failing(with_item(books, "mails", ORDER, wanted)) == {"6 each mail is sent once"}


def test_a_replay_that_changes_nothing_is_fine():
    assert unchanged(good_books(), good_books()).wrong == ()


def test_whatever_a_replay_changes_is_found():
    before = good_books()
    changed = [
        with_item(before, "orders", ORDER, order(*PAID, "order.cancelled")),
        with_item(before, "orders", "ord_new", order(*PAID)),
        replace(before, tables={**before.tables, "mails": {}}),
        replace(before, ledger=(entry(refunded=TOTAL),)),
        replace(before, mails=before.mails * 2),
        replace(before, archived=before.archived + 1),
    ]
    assert [len(unchanged(before, after).wrong) for after in changed] == [1] * len(changed)


def line(**changes):
    fields = {"note": "a book", "key": "k", "order": {"customer_id": "c"}, "expect": "confirmed"}
    return SampleOrder.model_validate({**fields, **changes})


def wrong(acted, statuses):
    return [each.wrong for each in ends(acted, statuses)]


def test_an_order_that_ends_elsewhere_or_nowhere_is_wrong():
    acted = [Acted(line(), "ord_1")]
    assert wrong(acted, {"ord_1": "confirmed"}) == [None]
    assert wrong(acted, {"ord_1": "rejected"}) == ["must end confirmed"]
    assert wrong(acted, {}) == ["must end confirmed"]


def test_an_order_that_must_be_refused_ends_with_that_code_only():
    refused = line(expect="http 422")
    assert wrong([Acted(refused, refused=422)], {}) == [None]
    assert wrong([Acted(refused, unexpected="POST was answered 202, not 422")], {}) == [
        "POST was answered 202, not 422"
    ]


def test_of_a_group_exactly_as_many_win_as_there_are_copies():
    group = {"name": "last", "winners": 1, "otherwise": "rejected"}
    acted = [Acted(line(group=group), f"ord_{number}") for number in range(3)]

    def statuses(*values):
        return dict(zip(("ord_0", "ord_1", "ord_2"), values, strict=True))

    assert wrong(acted, statuses("rejected", "confirmed", "rejected")) == [None] * 3
    assert wrong(acted, statuses("confirmed", "confirmed", "rejected")) == ["2 of the group won, not 1"] * 3
    assert wrong(acted, statuses("rejected", "rejected", "rejected")) == ["0 of the group won, not 1"] * 3
    assert wrong(acted, statuses("cancelled", "confirmed", "rejected"))[0] == "must end confirmed or rejected"


def test_nobody_waits_for_an_order_that_went_wrong():
    acted = [Acted(line(), "ord_1"), Acted(line(), None, unexpected="503")]
    assert settled(acted, {"ord_1": "confirmed"})
    assert not settled(acted, {"ord_1": "pending"})


class FakeApi:
    """Returns as it is told, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def _answer(self, *asked):
        self.asked.append(asked)
        return self.answers.pop(0)

    def place(self, order, key):
        return self._answer("place", order, key)

    def order(self, order_id):
        return self._answer("order", order_id)

    def decide(self, order_id, decision):
        return self._answer(decision, order_id)


ACCEPTED, CONFIRMED, DONE = (
    ApiAnswer(202, {"order_id": "ord_1"}),
    ApiAnswer(200, {"status": "confirmed"}),
    ApiAnswer(200, {}),
)


def act(one, *answers):
    api, ticks = FakeApi(*answers), []
    acted = Shopper(api, api).act(one, lambda: ticks.append(1))
    assert ticks == [1]
    return acted, [asked[0] for asked in api.asked]


def test_a_line_is_placed_and_its_steps_are_taken_in_order():
    acted, asked = act(line(steps=["await confirmed", "process", "ship"]), ACCEPTED, CONFIRMED, DONE, DONE)
    assert (acted.order_id, acted.unexpected) == ("ord_1", None)
    assert asked == ["place", "order", "process", "ship"]


def test_a_step_that_must_be_refused_and_is_not_goes_wrong_and_ends_the_line():
    acted, asked = act(line(steps=["ship 409", "cancel"]), ACCEPTED, DONE)
    assert acted.unexpected == "ship was answered 200, not 409"
    assert asked == ["place", "ship"]
    acted, _ = act(line(steps=["ship 409"]), ACCEPTED, ApiAnswer(409, {}))
    assert acted.unexpected is None
    acted, _ = act(line(steps=["ship"]), ACCEPTED, ApiAnswer(409, {}))
    assert acted.unexpected == "ship was answered 409, not with success"


def test_a_resubmitted_order_must_be_the_same_one():
    resubmitted = line(steps=["resubmit"])
    assert act(resubmitted, ACCEPTED, ACCEPTED)[0].unexpected is None
    assert act(resubmitted, ACCEPTED, ApiAnswer(202, {"order_id": "ord_2"}))[0].unexpected is not None


def test_a_reused_key_sends_the_other_order():
    other = {"customer_id": "other"}
    reused = line(steps=["reuse-key 422"], other_order=other)
    api = FakeApi(ACCEPTED, ApiAnswer(422, {}))
    assert Shopper(api, api).act(reused, lambda: None).unexpected is None
    assert api.asked[1] == ("place", other, "k")


def test_an_order_that_must_be_refused_and_is_accepted_goes_wrong():
    assert act(line(expect="http 422"), ACCEPTED)[0].unexpected == "POST /orders was answered 202, not 422"
    assert act(line(expect="http 422"), ApiAnswer(422, {}))[0].refused == 422
    assert act(line(), ApiAnswer(503, {}))[0].unexpected == "POST /orders was answered 503, not with success"


def test_what_went_wrong_is_shown_where_it_went_wrong(capsys):
    found = checks(replace(good_books(), queues={"payment": 1}), [ORDER], {"book-1": 10})
    outcome = DemoOutcome(ends([Acted(line(), ORDER)], {ORDER: "pending"}), found)
    assert not outcome.good
    show(outcome, 1.0, False)
    told = " ".join(capsys.readouterr().out.split())
    assert "x a book pending must end confirmed" in told
    assert "payment: 1 messages" in told
    assert "1 orders did not end as they must, 1 checks failed." in told


def test_an_outcome_is_good_only_if_every_end_and_every_check_is():
    good = ends([Acted(line(), ORDER)], {ORDER: "confirmed"})
    bad = ends([Acted(line(), ORDER)], {ORDER: "pending"})
    fine = checks(good_books(), [ORDER], {"book-1": 10})
    assert DemoOutcome(good, fine).good
    assert not DemoOutcome(bad, fine).good
    assert not DemoOutcome(good, checks(good_books(), [], {"book-1": 10})).good


def test_lines_that_take_long_are_acted_first():
    quick, stepped = line(), line(steps=["await confirmed", "cancel"])
    flaky = line(order={"payment_token": "tok_flaky"})
    odd = line(order={"payment_token": ["tok_flaky"]}, expect="http 422")
    assert [effort(each) for each in (quick, odd)] == [0, 0]
    assert effort(flaky) > effort(stepped) > 0
