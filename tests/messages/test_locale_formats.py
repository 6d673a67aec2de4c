"""Amounts, numbers and dates as they are written where a store is."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.wording.formats import money_words
from automations.messages.date_formats import formatted
from automations.messages.locale_formats import BRITISH, locale_of, money_in, number_in
from automations.messages.money_texts import LANGUAGE, TEXT_MESSAGE
from automations.messages.render import render
from tests.messages.samples import order_context

TUESDAY = datetime(2026, 12, 1, 14, 5)
SPACE, NARROW = "\u00a0", "\u202f"
LANGUAGES = ["de-DE", "de-CH", "fr-FR", "es-ES", "it-IT", "nl-NL", "en-US"]
AMOUNTS = st.decimals(-10_000_000, 10_000_000, places=2)


@pytest.mark.parametrize(
    ("language", "amount", "currency", "expected"),
    [
        ("de-DE", "3703.68", "EUR", f"3.703,68{SPACE}€"),
        ("de-DE", "-86.5", "EUR", f"−86,50{SPACE}€"),
        ("de-CH", "1234567.50", "CHF", f"CHF{SPACE}1’234’567.50"),
        ("fr-FR", "3703.68", "EUR", f"3{NARROW}703,68{SPACE}€"),
        ("en-US", "3703.68", "USD", "$3,703.68"),
        ("nl-NL", "0.005", "EUR", f"€{SPACE}0,005"),
        ("de-DE", "1200", "JPY", f"1.200{SPACE}¥"),
        ("de-DE", "5.125", "KWD", f"5,125{SPACE}KWD"),
        ("de-DE", "1234.5", "HUF", f"1.234,50{SPACE}HUF"),
        ("de-DE", "7.5", "", "7,50"),
        ("en-GB", "3703.68", "EUR", "€3,703.68"),
        ("xx-XX", "3703.68", "EUR", "€3,703.68"),
    ],
)
def test_an_amount(language: str, amount: str, currency: str, expected: str) -> None:
    assert money_in(language, Decimal(amount), currency) == expected


@given(AMOUNTS, st.sampled_from(LANGUAGES), st.sampled_from(["EUR", "GBP", "CHF", "JPY", "KWD", ""]))
def test_no_amount_is_rounded_in_any_language(amount: Decimal, language: str, currency: str) -> None:
    digits = [sign for sign in money_in(language, amount, currency) if sign.isdigit()]
    assert digits == [sign for sign in money_in(BRITISH, amount, currency) if sign.isdigit()]


@given(AMOUNTS, st.sampled_from(["EUR", "GBP", "SEK", ""]))
def test_british_amounts_are_those_of_the_pages(amount: Decimal, currency: str) -> None:
    assert money_in(BRITISH, amount, currency) == money_words(amount, currency)


@given(AMOUNTS, st.sampled_from(LANGUAGES))
def test_a_text_message_has_no_signs_that_double_its_price(amount: Decimal, language: str) -> None:
    shown = money_in(language, amount, "EUR", text_message=True) + number_in(language, amount, True)
    assert not {"−", SPACE, NARROW} & set(shown)


@pytest.mark.parametrize(
    ("language", "pattern", "expected"),
    [
        ("de-DE", "%A, %-d %B", "Dienstag, 1. Dezember"),
        ("de-DE", "%-d %B %Y", "1. Dezember 2026"),
        ("de-DE", "%A %-d %B %Y, %H:%M", "Dienstag, 1. Dezember 2026, 14:05"),
        ("de-DE", "day", "Dienstag, 1. Dezember"),
        ("de-DE", "full", "Dienstag, 1. Dezember 2026"),
        ("de-DE", "%d.%m.%Y", "01.12.2026"),
        ("de-DE", "%A", "Dienstag"),
        ("de-DE", "100%% %B", "100% Dezember"),
        ("fr-FR", "%A %-d %B %Y", "mardi 1 décembre 2026"),
        ("es-ES", "%-d %B %Y", "1 de diciembre de 2026"),
        ("it-IT", "%-d %B", "1 dicembre"),
        ("nl-NL", "%a %-d %b", "di 1 dec"),
        ("en-GB", "%A, %-d %B", "Tuesday, 1 December"),
        ("en-GB", "long", "1 December 2026"),
        ("en-US", "long", "December 1, 2026"),
        ("en-GB", "time", "14:05"),
    ],
)
def test_a_date(language: str, pattern: str, expected: str) -> None:
    assert formatted(TUESDAY, pattern, language) == expected


@pytest.mark.parametrize("language", ["", "xx", "de_DE", "../..", "de-DE-x-y-z", "\x00"])
def test_a_language_that_is_not_known_is_written_as_in_britain(language: str) -> None:
    # Of a tag with more behind it, the language alone may be known.
    assert str(locale_of(language)) in ("en_GB", "de_DE", "de")


def test_a_message_follows_its_language_and_a_number_only_where_it_is_asked_to() -> None:
    text = "{{ order.total | money }} · {{ order.total }} · {{ order.total | number }}"
    text += " · {{ '2026-12-01' | date: 'day' }}"
    german = {**order_context(total="3703.68"), LANGUAGE: "de-DE"}
    assert render(text, german) == f"3.703,68{SPACE}£ · 3703.68 · 3.703,68 · Dienstag, 1. Dezember"
    sms = {**german, TEXT_MESSAGE: True}
    assert render("{{ order.total | money }}", sms) == "3.703,68 £"
    assert render("{{ order.total | money }}", order_context(total="3703.68")) == "£3,703.68"
