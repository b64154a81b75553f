"""Which amounts a currency can express. All have two decimals on their way; not every currency has hundredths."""

from decimal import Decimal

NO_MINOR_UNIT = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
WHOLE_BUT_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
"""Counted in hundredths by card networks, of which only whole units can be charged. HUF and TWD are as others for a
charge; that they are paid out in whole units is between the shop and its bank."""
THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""https://docs.stripe.com/currencies#minor-units; all other currencies count in hundredths."""


def unchargeable(amount: Decimal, currency: str) -> str | None:
    """Why nobody can be charged this amount, or None if they can."""
    if currency in NO_MINOR_UNIT | WHOLE_BUT_IN_HUNDREDTHS and amount != amount.to_integral_value():
        return f"{currency} has no unit for {amount}: it must be a whole number"
    return None
