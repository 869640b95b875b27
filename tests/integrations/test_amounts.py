"""Balances: exact, rounded once, or refused."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from integrations.amounts import Unreadable, convert, parse


def test_ten_thousand_conversions_are_off_by_half_a_cent_at_most():
    dice = random.Random(7)
    for _ in range(10_000):
        amount = Decimal(dice.randrange(-9_000_000, 9_000_000)).scaleb(-dice.randrange(2, 5))
        hours = Decimal(dice.randrange(25, 2401)) / 100
        unit, into = dice.choice([("days", "hours"), ("hours", "days"), ("days", "days")])
        exact = Fraction(amount)
        if unit != into:
            exact = exact * Fraction(hours) if into == "hours" else exact / Fraction(hours)
        if abs(exact) > 999_999:
            continue
        found = convert(amount, unit=unit, into=into, hours_per_day=hours)
        assert abs(Fraction(found) - exact) <= Fraction(5, 1000)
        assert found.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("text", "result"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("-0.001", "0.00"), ("1e1", "10.00")]
)
def test_halves_go_away_from_zero(text, result):
    assert str(convert(parse(text), unit="days", into="days", hours_per_day=Decimal(8))) == result


@pytest.mark.parametrize(
    "value",
    [1.5, True, None, [], {}, "", "NaN", "-Infinity", "1e400", "9" * 31, "1,5", "0x10", "１", "1000000"],
)
def test_what_is_no_balance_is_refused(value):
    with pytest.raises(Unreadable):
        parse(value)
