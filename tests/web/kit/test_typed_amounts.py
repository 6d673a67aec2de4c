"""Amounts are typed as people type them in the store's country."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.messages.locale_formats import money_in, number_in
from automations.web.kit.typed_amounts import plain_amount, told_reading, typed_amount
from automations.web.settings.store_settings import CURRENCIES
from automations.web.settings.store_settings import LANGUAGES as STORE_LANGUAGES

LANGUAGES = ["en-GB", "en-US", "de-DE", "de-CH", "fr-FR", "es-ES", "it-IT", "nl-NL", "ja-JP"]


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("en-GB", "£1,200.50", "1200.50"),
        ("en-GB", "86,50", None),
        ("en-GB", "1,2", None),
        ("en-GB", "-5", "-5"),
        ("de-DE", "1.200,50 €", "1200.50"),
        ("de-DE", "86,50", "86.50"),
        ("de-DE", "86.50", "86.50"),
        ("de-DE", "1.200", "1200"),
        ("de-DE", "1.20.0", None),
        ("de-CH", "1’200.50", "1200.50"),
        ("de-CH", "1'200.50", "1200.50"),
        ("fr-FR", "1\u202f200,50 €", "1200.50"),
        ("fr-FR", "1 200,50", "1200.50"),
        ("ja-JP", "¥1,200", "1200"),
        ("de-DE", "viel", None),
        ("de-DE", "", None),
    ],
)
def test_an_amount_is_read_as_it_is_written_there(language: str, text: str, amount: str | None) -> None:
    assert plain_amount(text, language) == amount


@given(st.decimals(0, 10_000_000, places=3), st.sampled_from(LANGUAGES))
def test_what_a_form_shows_and_what_a_page_shows_are_read_as_the_same(number: Decimal, language: str) -> None:
    plain = f"{number:f}"
    assert plain_amount(typed_amount(plain, language), language) == plain
    written = plain_amount(number_in(language, number), language)
    assert written is not None and Decimal(written) == number


@given(
    st.decimals(-10_000_000, 10_000_000, places=2),
    st.sampled_from([tag for tag, _ in STORE_LANGUAGES]),
    st.sampled_from(CURRENCIES),
    st.booleans(),
)
def test_what_a_store_shows_can_be_typed_back(
    amount: Decimal, language: str, currency: str, knows_currency: bool
) -> None:
    shown = money_in(language, amount, currency)
    read = plain_amount(shown, language, currency if knows_currency else "")
    assert read is not None and Decimal(read) == amount


def test_all_languages_of_stores_are_tried_with_all_currencies() -> None:
    assert len(STORE_LANGUAGES) == 53
    for language, _ in STORE_LANGUAGES:
        for currency in CURRENCIES:
            for amount in map(Decimal, ("1234567.50", "1234", "0.75", "-3.20")):
                read = plain_amount(money_in(language, amount, currency), language, currency)
                assert read is not None and Decimal(read) == amount, (language, currency, read)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("$12", "EUR", None),
        ("12 $", "USD", "12"),
        ("CA$ 12", "CAD", "12"),
        ("12 Fr.", "CHF", "12"),
        ("EUR 12 €", "EUR", None),
        ("-€-12", "EUR", None),
        ("-€12", "EUR", "-12"),
        ("€ -12", "EUR", "-12"),
        ("12 Stück", "EUR", None),
    ],
)
def test_only_the_sign_of_its_currency_belongs_to_an_amount(
    text: str, currency: str, amount: str | None
) -> None:
    assert plain_amount(text, "de-DE", currency) == amount


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("de-DE", "1.234", "“1.234” was read as 1234."),
        ("de-DE", "1,234", "“1,234” was read as 1 and 234 thousandths."),
        ("en-GB", "1,234", "“1,234” was read as 1234."),
        ("en-GB", "1.050", "“1.050” was read as 1 and 50 thousandths."),
        ("fr-FR", "1.234 €", "“1.234 €” was read as 1 and 234 thousandths."),
        ("de-DE", "1.234,50", ""),
        ("de-DE", "1234", ""),
        ("de-DE", "12,5", ""),
        ("de-DE", "viel", ""),
    ],
)
def test_a_number_that_may_be_two_is_told(language: str, text: str, told: str) -> None:
    assert told_reading(text, language) == told


@pytest.mark.parametrize("text", ["", "much", "1,5", "1e3", "12:30"])
def test_what_is_no_number_is_shown_as_it_was_typed(text: str) -> None:
    assert typed_amount(text, "de-DE") == text
