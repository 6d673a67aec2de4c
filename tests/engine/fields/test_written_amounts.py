"""Amounts as sources write them are rounded by one rule, and what that changed is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.connectors.payment_words import WORDS, payment_status
from automations.engine.fields.currencies import CODES, decimals_of
from automations.engine.fields.written_amounts import written_amount
from automations.models.settings.choices import DEFAULTS, key_of


@pytest.mark.parametrize(
    ("value", "currency", "amount", "rounding"),
    [
        ("69.8400", "GBP", "69.84", None),
        (10.90909, "GBP", "10.91", {"written": "10.90909", "difference": "0.00091"}),
        ("10.904", "GBP", "10.90", {"written": "10.904", "difference": "-0.004"}),
        ("-3.455", "GBP", "-3.46", {"written": "-3.455", "difference": "-0.005"}),
        (45, "GBP", "45.00", None),
        ("1.2345", "KWD", "1.235", {"written": "1.2345", "difference": "0.0005"}),
        ("5400.5", "JPY", "5401.00", {"written": "5400.5", "difference": "0.5"}),
        (" 12.50 ", "EUR", "12.50", None),
    ],
)
def test_an_amount_is_rounded_half_up_and_the_difference_kept(
    value: Any, currency: str, amount: str, rounding: dict[str, str] | None
) -> None:
    read = written_amount(value, currency)
    assert (str(read.amount), read.rounding) == (amount, rounding)


@pytest.mark.parametrize(
    ("units", "currency", "amount"), [(5400, "GBP", "54.00"), ("5400", "JPY", "5400.00"), (1, "KWD", "0.001")]
)
def test_minor_units_are_those_of_the_currency(units: Any, currency: str, amount: str) -> None:
    assert str(written_amount(units, currency, minor=True).amount) == amount


@pytest.mark.parametrize(
    "value",
    ["", "£8.00", "1,50", "NaN", "Infinity", "1_000", "٣", True, None, [], float("inf"), "1e13", 10**40],
)
def test_what_is_no_amount_is_refused_with_a_sentence(value: Any) -> None:
    with pytest.raises(ValueError, match="Needs an amount"):
        written_amount(value, "GBP")


@given(value=st.decimals(-(10**9), 10**9, places=6), currency=st.sampled_from(CODES))
def test_rounding_is_by_half_a_unit_at_most_and_loses_nothing(value: Decimal, currency: str) -> None:
    read, step = written_amount(str(value), currency), Decimal(1).scaleb(-decimals_of(currency))
    assert abs(read.difference) <= step / 2
    assert read.amount - read.difference == value
    assert read.amount % step == 0


def test_every_word_lands_in_one_of_the_eight_payment_statuses_however_it_is_joined() -> None:
    assert WORDS.keys() == {key_of(label) for label in DEFAULTS["payment_status"]}
    words = [word for some in WORDS.values() for word in some]
    assert len(words) == len(set(words))
    for status, some in WORDS.items():
        for word in some:
            joined = {payment_status(word.upper().replace(" ", joint)) for joint in " _-"}
            assert joined == {status}
    assert payment_status("on the house") is None
