"""Settings as a function's environment gives them: what is wrong is named as the person set it."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from edges.settings import Settings
from infrastructure.stages import STAGES

STAGE = {"ORDERWIRE_STAGE": "dev"}


def refused(environ):
    with pytest.raises(ValidationError) as error:
        Settings.from_environment(environ)
    return [str(each["loc"][0]) for each in error.value.errors()]


def test_only_the_stage_must_be_set():
    settings = Settings.from_environment(STAGE | {"PATH": "/bin", "AWS_DEFAULT_REGION": "eu-central-1"})
    assert (settings.stage, settings.currency, settings.shipping_fee) == ("dev", "EUR", Decimal("10.00"))
    assert refused({}) == ["ORDERWIRE_STAGE"]


def test_every_setting_can_be_given_as_text():
    given = {"ORDERWIRE_CURRENCY": "USD", "ORDERWIRE_SHIPPING_FEE": "4.90", "ORDERWIRE_RETRY_SECONDS": "1"}
    settings = Settings.from_environment(STAGE | given)
    assert (settings.currency, settings.shipping_fee, settings.retry_seconds) == ("USD", Decimal("4.90"), 1)


@pytest.mark.parametrize(("variable", "value"), [
    ("ORDERWIRE_STAGE", "Dev"),
    ("ORDERWIRE_STAGE", ""),
    ("ORDERWIRE_STAGE", "much-too-long-a-name"),
    ("ORDERWIRE_CURRENCY", "euro"),
    ("ORDERWIRE_SHIPPING_FEE", "-1"),
    ("ORDERWIRE_SHIPPING_FEE", "9.999"),
    ("ORDERWIRE_SHIPPING_FEE", "NaN"),
    ("ORDERWIRE_FREE_SHIPPING_ABOVE", "lots"),
    ("ORDERWIRE_PAYMENT_PROVIDER", "paypal"),
    ("ORDERWIRE_MAIL_SENDER", "nobody"),
    ("ORDERWIRE_CORS_ORIGIN", "books.example"),
    ("ORDERWIRE_CORS_ORIGIN", "https://books.example/'"),
    ("ORDERWIRE_RETRY_SECONDS", "0"),
    ("ORDERWIRE_STRIPE_API", "http://api.stripe.com"),
    ("ORDERWIRE_STRIPE_API", "https://api.stripe.com@evil.example"),
    ("ORDERWIRE_STRIPE_API", "https://"),
    ("ORDERWIRE_BOOKS", "yes"),
    ("ORDERWIRE_ACCOUNT_MOST_COPIES", "0"),
    ("ORDERWIRE_ACCOUNT_WAITS", "perhaps"),
    ("ORDERWIRE_ORDER_MOST_TOTAL", "-1"),
    ("ORDERWIRE_LOG_LEVEL", "LOUD"),
])  # fmt: skip
def test_a_wrong_value_is_refused_and_its_variable_named(variable, value):
    assert refused(STAGE | {variable: value}) == [variable]


@pytest.mark.parametrize("variable", ["ORDERWIRE_STAGGE", "ORDERWIRE_shipping_fee", "ORDERWIRE_"])
def test_a_misspelt_variable_is_refused_and_named(variable):
    assert refused(STAGE | {variable: "1"}) == [variable]


def test_names_of_resources_carry_the_stage():
    settings = Settings(stage="dev")
    assert settings.bus == "orders-dev"
    assert settings.name("payment-dlq") == "orderwire-dev-payment-dlq"
    assert settings.path("order-id-key") == "/orderwire/dev/order-id-key"


def test_a_fee_that_the_currency_does_not_have_is_refused():
    given = STAGE | {"ORDERWIRE_CURRENCY": "CLP", "ORDERWIRE_SHIPPING_FEE": "4.90"}
    with pytest.raises(ValidationError, match=r"ORDERWIRE_SHIPPING_FEE: CLP has no unit for 4\.90"):
        Settings.from_environment(given)
    assert Settings.from_environment({**given, "ORDERWIRE_SHIPPING_FEE": "5"}).shipping_fee == 5


def test_no_stage_but_local_lets_pages_of_other_origins_in_unless_it_says_whose():
    assert Settings.from_environment(STAGE).cors_origin is None
    assert {stage.name: stage.environment.get("ORDERWIRE_CORS_ORIGIN") for stage in STAGES.values()} == {
        "local": "*",
        **dict.fromkeys(("dev", "staging", "prod")),
    }


def test_the_key_and_the_cards_go_unencrypted_on_a_laptop_only():
    plain = {"ORDERWIRE_STRIPE_API": "http://127.0.0.1:8420"}
    assert Settings.from_environment({"ORDERWIRE_STAGE": "local", **plain}).stripe_api == "http://127.0.0.1:8420"
    for stage in ("dev", "staging", "prod", "locals"):
        assert refused({"ORDERWIRE_STAGE": stage, **plain}) == ["ORDERWIRE_STRIPE_API"]


def test_no_stage_but_local_has_a_book_store_unless_it_says_so():
    assert Settings.from_environment(STAGE).books == "off"
    opened = {name: Settings.from_environment(stage.environment).books for name, stage in STAGES.items()}
    assert opened == {"local": "open", **dict.fromkeys(("dev", "staging", "prod"), "off")}
