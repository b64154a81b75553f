"""The stage's settings, read once from the environment that `.chalice/config.json` gives each function."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from schemas.currencies import unchargeable
from schemas.types import MAX_MONEY, CustomerId, Email

PREFIX = "ORDERWIRE_"
Confirmation = Literal["placed", "paid"]
Amount = Annotated[Decimal, Field(ge=0, le=MAX_MONEY, decimal_places=2)]


class Settings(BaseModel):
    """Fields are `ORDERWIRE_<FIELD>` in the environment; what has no default must be set."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda field: PREFIX + field.upper(), populate_by_name=True
    )

    stage: Annotated[str, Field(pattern="^[a-z][a-z0-9]{0,11}$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    shipping_fee: Amount = Decimal("10.00")
    free_shipping_above: Annotated[Amount, Field(description="no fee when the items come to more than this")] = Decimal(
        "2000.00"
    )
    order_most_total: Annotated[Amount, Field(description="what an order may come to")] = Decimal("10000.00")
    order_most_copies: Annotated[int, Field(ge=1, description="copies in an order, of all its items")] = 500
    hold_minutes: Annotated[
        int, Field(ge=10, le=10080, description="how long copies are held for a card that cannot be authorised")
    ] = 30
    payment_provider: Literal["sandbox", "stripe"] = "sandbox"
    stripe_api: Annotated[
        str,
        Field(
            pattern=r"^https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?$",
            description="gets key and cards; another one is for trying things out, in stage local over HTTP too",
        ),
    ] = "https://api.stripe.com"
    mail_sender: Email = "orders@orderwire.example"
    account_customer: CustomerId = Field("bookstore", description="who orders on account are for")
    account_email: Email = "accounts@orderwire.example"
    account_most_total: Annotated[Amount, Field(description="what an order on account may come to")] = Decimal(
        "1000.00"
    )
    account_most_copies: Annotated[int, Field(ge=1, description="copies in an order on account")] = 50
    account_waits: Annotated[
        bool, Field(description="nothing is set aside for an order on account before an admin accepts it")
    ] = False
    books: Annotated[
        Literal["off", "token", "open"],
        Field(description="the book-store routes: none, ordering for admins alone, or ordering for anybody"),
    ] = "off"
    cors_origin: Annotated[
        str | None,
        Field(
            pattern=r"^(?:\*|https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)$",
            description="whose pages may call the book-store routes, none unless told; * stands for anybody's",
        ),
    ] = None
    most_unpaid_per_address: Annotated[
        int,
        Field(ge=1, le=100, description="orders within `unpaid_minutes` to one e-mail address that no card has paid"),
    ] = 5
    most_unpaid_per_customer: Annotated[int, Field(ge=1, le=100, description="the same, of one customer")] = 5
    unpaid_minutes: Annotated[int, Field(ge=1, le=10080, description="how long an unpaid order counts")] = 360
    confirmation: Annotated[
        Confirmation,
        Field(description="what an order has to be before its first mail, which is then a confirmation or the receipt"),
    ] = "paid"
    retry_seconds: Annotated[int, Field(ge=1, description="a failed message's first delay; each next is 4x")] = 5
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _fee_can_be_charged(self) -> Self:
        if wrong := unchargeable(self.shipping_fee, self.currency):
            raise ValueError(f"{PREFIX}SHIPPING_FEE: {wrong}")
        return self

    @field_validator("stripe_api")
    @classmethod
    def _nobody_reads_along(cls, address: str, known: ValidationInfo) -> str:
        if known.data.get("stage") != "local" and not address.startswith("https://"):
            raise ValueError("must begin with https://, for it gets the key and the cards")
        return address

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises pydantic.ValidationError naming each variable that is missing, misspelt or wrong."""
        given = {key: value for key, value in environ.items() if key.startswith(PREFIX)}
        return cls.model_validate(given, by_name=False)

    @property
    def bus(self) -> str:
        return f"orders-{self.stage}"

    def name(self, resource: str) -> str:
        """The stage's name of a table, queue, topic, ...: `orderwire-<stage>-<resource>`."""
        return f"orderwire-{self.stage}-{resource}"

    def path(self, resource: str) -> str:
        """The stage's name of a secret or parameter: `/orderwire/<stage>/<resource>`."""
        return f"/orderwire/{self.stage}/{resource}"
