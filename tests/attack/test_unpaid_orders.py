"""Orders that cost nothing: mails to an address that nobody has checked, and cards that are tried out one by one."""

import json
from decimal import Decimal

import pytest

from orderwire.workplace.samples import SampleProduct
from tests.support.whole_shop import WholeShop

LIMIT, WINDOW = 5, 6 * 3600
VICTIM = "ada.lovelace@example.com"
BOOK = {"price": Decimal("20.00"), "author": "A. Writer", "threshold": 0}
PRODUCTS = [
    SampleProduct(sku="book-1", name="Middlemarch", stock=100, **BOOK),
    SampleProduct(sku="book-2", name="Emma", stock=0, **BOOK),
]


@pytest.fixture
def shop():
    return WholeShop(PRODUCTS)


def order(number=0, token="tok_declined", sku="book-1", **other):
    return {
        "customer_id": f"guest-{number}",
        "customer_email": VICTIM,
        "payment_token": token,
        "items": [{"sku": sku, "quantity": 1}],
        **other,
    }


def place(shop, *args, **other):
    return shop.request("POST", "/orders", order(*args, **other))


def mails(shop):
    """(to whom, which) of every mail."""
    told = [("".join(mail["Destination"]["ToAddresses"]), mail["Template"]) for mail in shop.edges.clients.ses.sent]
    return [(to, template.removeprefix("orderwire-test-")) for to, template in told]


def test_an_address_that_nobody_has_checked_gets_the_refusals_of_a_few_orders_and_nothing_else(shop):
    answers = []
    for number in range(10):
        answers.append(place(shop, number))
        shop.settle()
    assert [answer.status_code for answer in answers] == [202] * LIMIT + [429] * 5
    assert mails(shop) == [(VICTIM, "payment_failed")] * LIMIT
    accepted = {answer.json_body["order_id"] for answer in answers[:LIMIT]}
    assert set(shop.dynamodb.tables["orderwire-test-mails"]) == accepted


@pytest.mark.parametrize(
    "spelled",
    [
        "ADA.Lovelace@Example.COM",
        "ada.lovelace+1@example.com",
        "Ada.Lovelace+a+b@example.com",
        "ada.lovelace+@example.com",
        "adalovelace@example.com",
        "a.d.a.l.o.v.e.l.a.c.e+x@example.com",
    ],
)
def test_another_spelling_of_an_address_is_the_same_address(shop, spelled):
    for number in range(LIMIT):
        assert place(shop, number).status_code == 202
    assert place(shop, LIMIT, customer_email=spelled).status_code == 429
    assert place(shop, LIMIT, customer_email="ada@example.com").status_code == 202


def test_gmails_other_name_makes_no_other_address(shop):
    for number in range(LIMIT):
        host = ["gmail.com", "GoogleMail.com"][number % 2]
        assert place(shop, number, customer_email=f"ada@{host}").status_code == 202
    assert place(shop, LIMIT, customer_email="ada@googlemail.com").status_code == 429


def test_a_customer_with_ever_new_addresses_tries_a_few_cards_and_no_more(shop):
    answers = [place(shop, customer_email=f"ada{number}@example.com") for number in range(10)]
    assert [answer.status_code for answer in answers] == [202] * LIMIT + [429] * 5


def test_what_nobody_can_deliver_tries_cards_just_as_well_and_counts_just_as_much(shop):
    """A good card's authorisation is called off for want of copies, so no money is ever taken."""
    answers = []
    for number in range(LIMIT + 1):
        answers.append(place(shop, number, "tok_ok", "book-2"))
        shop.settle()
    assert [answer.status_code for answer in answers] == [202] * LIMIT + [429]


def test_whoever_waits_as_long_as_told_is_let_in_and_not_before(shop):
    begun = shop.time.now
    for number in range(LIMIT):
        place(shop, number)
        shop.time.advance(60)
    refused = place(shop, LIMIT)
    assert refused.json_body["type"] == "urn:orderwire:problem:too-many-unpaid"
    assert int(refused.headers["Retry-After"]) == WINDOW - LIMIT * 60
    assert refused.json_body["detail"].endswith("Try again in 6 hours.")
    shop.time.advance(int(refused.headers["Retry-After"]) - 1)
    assert place(shop, LIMIT).headers["Retry-After"] == "60"
    shop.time.advance(1)
    assert (shop.time.now - begun).total_seconds() == WINDOW
    assert place(shop, LIMIT).status_code == 202
    assert place(shop, LIMIT).status_code == 429


def test_whoever_pays_may_order_as_often_as_they_like(shop):
    for _ in range(3 * LIMIT):
        assert place(shop, token="tok_ok").status_code == 202
        shop.settle()
    assert {template for _, template in mails(shop)} == {"receipt"}


def test_what_costs_nothing_is_paid_by_no_card():
    free = SampleProduct(sku="book-1", name="Emma", stock=99, **{**BOOK, "price": Decimal(0)})
    shop = WholeShop([free], shipping_fee=Decimal(0))
    answers = []
    for _ in range(LIMIT + 1):
        answers.append(place(shop, token="tok_ok"))
        shop.settle()
    assert [answer.status_code for answer in answers] == [202] * LIMIT + [429]


def test_a_known_order_is_answered_again_at_any_time_and_takes_no_place_twice(shop):
    keys = [f"the-shoppers-key-{number}" for number in range(LIMIT)]
    for _ in range(3):
        for key in keys:
            assert shop.request("POST", "/orders", order(), **{"Idempotency-Key": key}).status_code == 202
    assert place(shop).status_code == 429
    again = shop.request("POST", "/orders", order(), **{"Idempotency-Key": keys[0]})
    assert again.status_code == 202


def test_what_is_refused_takes_no_place(shop):
    refused = [{"expected_total": 1}, {"items": [{"sku": "book-9", "quantity": 1}]}, {"customer_email": "ada"}]
    for other in refused * LIMIT:
        assert place(shop, **other).status_code in {409, 422}
    assert place(shop).status_code == 202


def test_whoever_has_no_place_left_is_not_told_which_keys_there_are(shop):
    for number in range(LIMIT):
        shop.request("POST", "/orders", order(), **{"Idempotency-Key": f"the-shoppers-key-{number}"})
    tried = order(token="tok_other")
    known, unknown = (
        shop.request("POST", "/orders", tried, **{"Idempotency-Key": f"the-shoppers-key-{number}"}) for number in (1, 9)
    )
    assert (known.status_code, known.json_body) == (429, unknown.json_body)


def test_an_admins_test_orders_are_neither_limited_nor_counted(shop):
    for _ in range(2 * LIMIT):
        answer = shop.request("POST", "/orders", order(), admin=True, **{"X-Orderwire-Test": "true"})
        assert answer.status_code == 202
    assert place(shop).status_code == 202
    noted = shop.dynamodb.tables["orderwire-test-unpaid"].values()
    assert [len(row["placed"]["M"]) for row in noted] == [1, 1]


def test_nobody_reads_in_the_limits_who_ordered(shop):
    place(shop)
    shop.settle()
    stored = json.dumps(shop.dynamodb.tables["orderwire-test-unpaid"]).lower()
    assert "expires_at" in stored
    assert not [told for told in ("ada", "lovelace", "example", "guest", "declined") if told in stored]


def test_every_refusal_of_a_card_is_the_same_to_whoever_holds_the_link_and_in_the_mail(shop):
    links, letters = [], []
    for number, token in enumerate(["tok_declined", "tok_nonsense"]):
        order_id = place(shop, number, token).json_body["order_id"]
        shop.settle()
        found = shop.request("GET", f"/orders/{order_id}").json_body
        happened = shop.request("GET", f"/orders/{order_id}/timeline").json_body
        links.append((found["status"], found["payment"]["status"], {each["type"] for each in happened}))
        letters.append(shop.edges.clients.ses.sent[-1]["TemplateData"].replace(order_id, "ord"))
    reasons = {row["payment_failure"]["S"] for row in shop.dynamodb.tables["orderwire-test-orders"].values()}
    assert reasons == {"card_declined", "invalid_token"}
    assert links[0] == links[1]
    assert letters[0] == letters[1]
