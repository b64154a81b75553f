"""The fields of what is asked of the API, where that is stricter than what is stored: events and rows of before may
hold what nobody could enter today, and are read for good.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from schemas.types import LABEL, NO_ADDRESS, Email, Money, Name, Reason, Sku

NOISE = Decimal("0.000001")
"""What a sum of doubles may be off: 20.990000000000002 is 20.99, and 20.991 is no amount."""
_CENT = Decimal("0.01")

_ATOM = r"[A-Za-z0-9!#\$%&'*+/=?^_`{|}~-]+"
_TOP_LEVEL = "[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
DELIVERABLE = f"^{_ATOM}(?:\\.{_ATOM})*@(?:{LABEL}\\.)+{_TOP_LEVEL}$"
"""Dots stand within the local part and never side by side; a host is no address in digits."""
_DELIVERABLE = re.compile(DELIVERABLE[1:-1])
NAMED = "^[._-]*[A-Za-z0-9][A-Za-z0-9._-]*$"
"""With a letter or a digit: `..` in a path is another path."""
_NAMED = re.compile(NAMED[1:-1])

BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""What Unicode calls a letter or a symbol, and nobody sees: Hangul fillers, the Braille cell without a dot."""
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"})
"""Unicode's categories of what shows nothing where it stands alone."""


def without_noise(value: Any) -> Any:
    """An amount to the cent if it is one but for what a sum of doubles is off; anything else as it is."""
    if not isinstance(value, float) or not abs(value) < 1e9:
        return value
    amount = Decimal(repr(value))
    cents = amount.quantize(_CENT)
    return cents if abs(cents - amount) < NOISE else value


def is_visible(text: str) -> bool:
    return any(unicodedata.category(each) not in UNSEEN and each not in BLANK_LETTERS for each in text)


def visible(text: str) -> str:
    if not is_visible(text):
        raise ValueError("must have something in it that can be seen")
    return text


def visible_or_empty(text: str) -> str:
    return visible(text) if text else text


def one_line(text: str) -> str:
    """A text without what would begin another row of a mail or a table, or steer a terminal."""
    if any(unicodedata.category(each) in {"Cc", "Zl", "Zp"} for each in text):
        raise ValueError("must be one line, without control characters")
    return text


def _deliverable(address: str) -> str:
    if not _DELIVERABLE.fullmatch(address):
        raise ValueError(NO_ADDRESS)
    return address


def _named(sku: str) -> str:
    if not _NAMED.fullmatch(sku):
        raise ValueError("must have a letter or a digit")
    return sku


EmailAsked = Annotated[
    Email,
    AfterValidator(_deliverable),
    WithJsonSchema({"type": "string", "maxLength": 254, "pattern": DELIVERABLE, "examples": ["ada@example.com"]}),
]
MoneyAsked = Annotated[Money, BeforeValidator(without_noise)]
NameAsked = Annotated[Name, AfterValidator(visible), AfterValidator(one_line)]
ReasonAsked = Annotated[Reason, AfterValidator(visible)]
SkuAsked = Annotated[
    Sku,
    AfterValidator(_named),
    WithJsonSchema({"type": "string", "maxLength": 40, "pattern": NAMED, "examples": ["9780141439518"]}),
]
