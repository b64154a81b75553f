"""The bodies of requests. What a model has no field for is refused; every error says where it is."""

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    WithJsonSchema,
)

from checkout_api.http.fields import (
    EmailAsked,
    MoneyAsked,
    NameAsked,
    ReasonAsked,
    SkuAsked,
    one_line,
    visible_or_empty,
)
from checkout_api.http.problems import HttpProblem, invalid
from schemas.envelope import ClosedModel
from schemas.events import ON_ACCOUNT
from schemas.parse import NameTwice, load_json, pointed
from schemas.types import (
    MAX_ITEMS,
    Count,
    CustomerId,
    PaymentToken,
    Quantity,
    parse_whole,
)

LARGEST_BODY = 64 * 1024
MOST_COPIES = 1_000_000


class ItemAsked(ClosedModel):
    sku: SkuAsked
    quantity: Quantity


class OrderAsked(ClosedModel):
    """POST /orders. `expected_total` is what the shopper was shown."""

    customer_id: CustomerId
    customer_email: EmailAsked
    payment_token: PaymentToken
    items: Annotated[list[ItemAsked], Field(min_length=1, max_length=MAX_ITEMS)]
    expected_total: MoneyAsked | None = None


class Nothing(ClosedModel):
    """A body without fields."""


class Explained(ClosedModel):
    """A body that may say why."""

    reason: ReasonAsked | None = None


class ProductAsked(ClosedModel):
    """PUT /catalog/{sku}: the whole product; what is left out is empty, but for the threshold, which stays."""

    name: NameAsked
    author: Annotated[str, Field(max_length=200), AfterValidator(visible_or_empty), AfterValidator(one_line)] = ""
    price: MoneyAsked
    threshold: Count | None = None
    image: Annotated[str, Field(max_length=2000, pattern="^(?:(?:https?:/)?/[!-~]*)?$")] = ""
    description: Annotated[str, Field(max_length=4000), AfterValidator(visible_or_empty)] = ""
    category: Annotated[str, Field(max_length=100), AfterValidator(visible_or_empty), AfterValidator(one_line)] = ""


class Restocking(ClosedModel):
    """POST /catalog/{sku}/stock: how many copies came, or went if negative."""

    delta: Annotated[
        int,
        BeforeValidator(parse_whole),
        Field(ge=-MOST_COPIES, le=MOST_COPIES),
        WithJsonSchema({"type": "integer", "minimum": -MOST_COPIES, "maximum": MOST_COPIES}),
    ]


Username = Annotated[str, Field(min_length=1, max_length=128)]
Password = Annotated[str, Field(min_length=1, max_length=256)]
Session = Annotated[str, Field(min_length=20, max_length=2048)]


class Credentials(ClosedModel):
    """POST /admin/login."""

    username: Username
    password: Password


class SecondFactor(ClosedModel):
    """POST /admin/login/second-factor and /admin/login/authenticator: the session of the login, and what an
    authenticator app shows."""

    username: Username
    session: Session
    code: Annotated[str, Field(pattern="^[0-9]{6}$")]


class NewPassword(ClosedModel):
    """POST /admin/login/new-password: the session of the login, and the password to be used from now on."""

    username: Username
    session: Session
    new_password: Password


C = TypeVar("C", bound=ClosedModel)


def parse_body(model: type[C], body: bytes) -> C:
    """The body as `model`. Raises Problem 413, 400 or 422."""
    try:
        return model.model_validate(document(body))
    except ValidationError as error:
        raise invalid(pointed(error)) from None


def parse_optional_body(model: type[C], body: bytes) -> C:
    """As `parse_body`; no body at all is `{}`."""
    return parse_body(model, body or b"{}")


def parse_order(body: bytes) -> OrderAsked:
    """The order that a shopper asks for. Raises Problem 413, 400 or 422."""
    order = parse_body(OrderAsked, body)
    if refused := list(not_for_shoppers(order)):
        raise invalid(refused)
    return order


def not_for_shoppers(order: OrderAsked) -> Iterator[tuple[str, str]]:
    """What no field can tell alone, as (JSON pointer, what is wrong)."""
    if order.payment_token == ON_ACCOUNT:
        yield "/payment_token", "orders on account are not taken here"
    skus = [item.sku for item in order.items]
    for position, sku in enumerate(skus):
        if sku in skus[:position]:
            yield f"/items/{position}/sku", "is in the order already"


def document(body: bytes) -> Any:
    """The decoded JSON of a body, in UTF-8: Python would take UTF-16 too. Raises Problem 413 or 400."""
    if len(body) > LARGEST_BODY:
        raise HttpProblem(413, "too-large", f"A body may have up to {LARGEST_BODY} bytes.")
    try:
        return load_json(body.decode("utf-8-sig"), strangers=True)
    except NameTwice as error:
        raise HttpProblem(400, "name-twice", "The body has a name twice in one object.", name=error.name) from None
    except (ValueError, RecursionError):
        raise HttpProblem(400, "not-json", "The body is not JSON.") from None
