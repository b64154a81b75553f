"""The field types of every contract: each accepts the same JSON documents in pydantic and in JSON Schema.

A number on the wire is what an IEEE 754 double can hold, because that is what every other reader of the bus sees; so
money is checked after the JSON text has become a double. Times have one exact form, calendar included, so a plain
pattern can state it and no validator has to implement `format`.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

MAX_MONEY = Decimal("999999999.99")
MAX_COUNT = 1_000_000_000
MAX_ITEMS, MAX_QUANTITY = 50, 999

_CENT = Decimal("0.01")
_DAY = {
    31: "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
    30: "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)",
    28: "02-(?:0[1-9]|1[0-9]|2[0-8])",
}
_LEAP_YEAR = "2(?:[0-9](?:0[48]|[2468][048]|[13579][26])|[048]00)"
_DATE = f"(?:2[0-9]{{3}}-(?:{'|'.join(_DAY.values())})|{_LEAP_YEAR}-02-29)"
TIME_PATTERN = f"^{_DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{{3}}Z$"
_TIME = re.compile(TIME_PATTERN[1:-1])


def format_time(moment: datetime) -> str:
    """The one wire form of a moment, for example `2026-11-20T09:30:00.123Z`; the rest of a millisecond is cut off."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse_time(value: Any) -> datetime:
    """A datetime in UTC, to the millisecond, from the wire form or from an aware datetime of the years 2000 to 2999."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = format_time(value)
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("must be a UTC time in the form 2026-11-20T09:30:00.123Z")
    return datetime.fromisoformat(value)


def parse_money(value: Any) -> Decimal:
    """A Decimal with two places from a number (never a string, never a bool): 0 to 999,999,999.99, whole cents."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")
    try:
        amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        cents = amount.quantize(_CENT)
    except InvalidOperation:
        raise ValueError("must be a finite amount of money") from None
    if cents != amount:
        raise ValueError("must have at most two decimals")
    if not 0 <= cents <= MAX_MONEY:
        raise ValueError(f"must be between 0 and {MAX_MONEY}")
    return abs(cents)  # -0.00 is 0.00


def parse_whole(value: Any) -> int:
    """An int from a whole JSON number; 1.0 is whole, as JSON Schema has it, true is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a whole number")
    try:
        whole = int(value)
    except (ValueError, OverflowError):
        raise ValueError("must be a whole number") from None
    if whole != value:
        raise ValueError("must be a whole number")
    return whole


def parse_true(value: Any) -> Any:
    """True and nothing that equals it: to Python 1 does, to JSON Schema it does not."""
    if value is not True:
        raise ValueError("must be true")
    return value


def _as_email(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    try:
        return check(value)
    except ValidationError:
        raise ValueError(NO_ADDRESS) from None


def _within(low: int, high: int) -> AfterValidator:
    def check(value: int) -> int:
        if not low <= value <= high:
            raise ValueError(f"must be between {low} and {high}")
        return value

    return AfterValidator(check)


def _whole(low: int, high: int) -> Any:
    schema = WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})
    return Annotated[int, BeforeValidator(parse_whole), _within(low, high), schema]


def _text(pattern: str, longest: int, example: str, *more: Any) -> Any:
    return Annotated[str, Field(pattern=pattern, max_length=longest, examples=[example]), *more]


_MONEY_SCHEMA = {"type": "number", "minimum": 0, "maximum": float(MAX_MONEY), "multipleOf": 0.01}
_TIME_SCHEMA = {"type": "string", "format": "date-time", "pattern": TIME_PATTERN}
NO_ADDRESS = "must be an e-mail address such as ada@example.com"
LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

Time = Annotated[
    datetime,
    BeforeValidator(parse_time),
    PlainSerializer(format_time, when_used="json"),
    WithJsonSchema(_TIME_SCHEMA),
]
Money = Annotated[
    Decimal, BeforeValidator(parse_money), PlainSerializer(float, when_used="json"), WithJsonSchema(_MONEY_SCHEMA)
]

OrderId = _text("^[A-Za-z0-9_-]+$", 64, "ord_0a1b2c3d4e5f6g7h8j9k0m1n2p")
Sku = _text("^[A-Za-z0-9._-]+$", 40, "9780141439518")
CustomerId = _text("^[A-Za-z0-9._@:+-]+$", 64, "cust-1042")
PaymentToken = _text("^[A-Za-z0-9_-]+$", 255, "tok_ok")
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
_EMAIL = rf"^[A-Za-z0-9.!#\$%&'*+/=?^_`{{|}}~-]{{1,64}}@{LABEL}(?:\.{LABEL})+$"
Email = _text(_EMAIL, 254, "ada@example.com", WrapValidator(_as_email))
Name = Annotated[str, Field(min_length=1, max_length=200, examples=["Pride and Prejudice"])]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Reference = _text("^[A-Za-z0-9_.:-]+$", 255, "pi_3NqXyz")
Quantity = _whole(1, MAX_QUANTITY)
Copies = _whole(1, MAX_ITEMS * MAX_QUANTITY)
Count = _whole(0, MAX_COUNT)
True_ = Annotated[Literal[True], BeforeValidator(parse_true)]

EventId = Annotated[str, Field(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
Version = Annotated[str, Field(pattern="^[1-9][0-9]{0,3}\\.[0-9]{1,4}$", examples=["1.0"])]
Producer = _text("^[a-z][a-z0-9.-]*$", 64, "orderwire.checkout")
CorrelationId = _text("^[A-Za-z0-9._:/=+-]+$", 128, "req-5f0c")
Traceparent = Annotated[str, Field(pattern="^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
