"""Amounts, numbers and dates in British format."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from automations.engine.wording.formats import date_words, datetime_words, joined, money_words, number_words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("86.5", "GBP", "£86.50"),
        ("1086.50", "GBP", "£1,086.50"),
        ("0", "EUR", "€0.00"),
        ("-5", "USD", "−$5.00"),
        ("86.5", "CHF", "86.50 CHF"),
        ("-86.5", "CHF", "−86.50 CHF"),
        ("1200", "JPY", "¥1,200"),
        ("12.5", "JPY", "¥12.5"),
        ("0.005", "GBP", "£0.005"),
        ("1E+3", "GBP", "£1,000.00"),
        ("5", "", "5.00"),
    ],
)
def test_money_has_its_currency_and_loses_nothing(amount: str, currency: str, words: str) -> None:
    assert money_words(Decimal(amount), currency) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("12", "12"),
        ("12.00", "12"),
        ("1200.50", "1,200.5"),
        ("-3", "−3"),
        ("0", "0"),
        ("1E+2", "100"),
        ("10", "10"),
    ],
)
def test_numbers_have_no_zeros_at_their_end(number: str, words: str) -> None:
    assert number_words(Decimal(number)) == words


def test_days_and_moments_are_short_and_clear() -> None:
    assert date_words(date(2026, 11, 4)) == "4 Nov 2026"
    assert datetime_words(datetime(2026, 11, 24, 9, 5, tzinfo=UTC)) == "24 Nov 2026 09:05 UTC"


@pytest.mark.parametrize(
    ("parts", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_are_joined_as_people_say_them(parts: list[str], words: str) -> None:
    assert joined(parts) == words
