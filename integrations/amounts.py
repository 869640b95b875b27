"""Balances as numbers: read from text, converted once, never through a binary fraction."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from integrations.models import Unit

CENT = Decimal("0.01")
MOST = Decimal("999999.99")  # what the workforce API can hold
LONGEST = 30  # characters; longer texts are no balances
_exact = Context(prec=60)


class Unreadable(Exception):
    """What the provider sent is no balance; the message is for the record's reason."""


def parse(value: Any) -> Decimal:
    """A number from text, or from a JSON number read as Decimal or int. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unreadable("The balance is not a number.")
    text = str(value).strip()
    if not text or len(text) > LONGEST or not text.isascii():
        raise Unreadable("The balance is not a number.")
    try:
        number = _exact.create_decimal(text)
    except InvalidOperation:
        raise Unreadable("The balance is not a number.") from None
    if not number.is_finite():
        raise Unreadable("The balance is not a number.")
    if abs(number) > MOST:
        raise Unreadable("The balance is too large to be one.")
    return number


def convert(amount: Decimal, *, unit: str, into: str, hours_per_day: Decimal) -> Decimal:
    """Hours to days or back, then rounded once to two places, halves away from zero. Raises Unreadable."""
    if unit != into:
        amount = (
            _exact.divide(amount, hours_per_day)
            if into == Unit.DAYS
            else _exact.multiply(amount, hours_per_day)
        )
    result = amount.quantize(CENT, rounding=ROUND_HALF_UP, context=_exact) + 0  # no minus before zero
    if abs(result) > MOST:
        raise Unreadable("The balance is too large to be one.")
    return result
