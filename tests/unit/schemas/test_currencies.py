"""Which amounts can be charged in which currency."""

from decimal import Decimal

import pytest

from schemas.currencies import NO_MINOR_UNIT, THOUSANDTHS, WHOLE_BUT_IN_HUNDREDTHS, unchargeable


@pytest.mark.parametrize("currency", sorted(NO_MINOR_UNIT | WHOLE_BUT_IN_HUNDREDTHS))
def test_a_currency_without_hundredths_takes_whole_units_only(currency):
    assert unchargeable(Decimal("60.00"), currency) is None
    assert unchargeable(Decimal("59.90"), currency) == f"{currency} has no unit for 59.90: it must be a whole number"


@pytest.mark.parametrize("currency", ["EUR", "HUF", "TWD", *sorted(THOUSANDTHS)])
def test_all_others_take_hundredths(currency):
    assert unchargeable(Decimal("59.90"), currency) is None


def test_no_currency_has_two_units():
    assert not NO_MINOR_UNIT & THOUSANDTHS | WHOLE_BUT_IN_HUNDREDTHS & (NO_MINOR_UNIT | THOUSANDTHS)
