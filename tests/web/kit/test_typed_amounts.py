"""Amounts are typed as people type them in the store's country."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.messages.locale_formats import number_in
from automations.web.kit.typed_amounts import plain_amount, typed_amount

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


@pytest.mark.parametrize("text", ["", "much", "1,5", "1e3", "12:30"])
def test_what_is_no_number_is_shown_as_it_was_typed(text: str) -> None:
    assert typed_amount(text, "de-DE") == text
