"""Every language that a store can have writes amounts and dates that can be read back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from automations.emails.email_words import ENGLISH, email_words, speaks
from automations.messages.languages import COUNTRIES
from automations.messages.store_formats import formats_of
from automations.web.kit.typed_amounts import plain_amount, typed_amount

_DAY = dt.date(2026, 12, 1)


@pytest.mark.parametrize("tag", COUNTRIES)
def test_what_a_store_writes_it_can_read(tag: str) -> None:
    formats = formats_of(tag)
    assert plain_amount(formats.number(Decimal("1234567.5")), tag) == "1234567.5"
    assert plain_amount(typed_amount("1200.50", tag), tag) == "1200.50"
    assert "2026" in formats.date(_DAY)
    assert "2026" in formats.full_date(_DAY)
    assert "2026" not in formats.weekday_date(_DAY)
    assert "1" in formats.weekday_date(_DAY)


@pytest.mark.parametrize(
    ("tag", "money", "day"),
    [
        ("ja-JP", "￥3,704", "2026年12月1日火曜日"),
        ("pl-PL", "3\u00a0703,68\u00a0zł", "wtorek, 1 grudnia 2026"),
        ("pt-BR", "R$\u00a03.703,68", "terça-feira, 1 de dezembro de 2026"),
        ("sv-SE", "3\u00a0703,68\u00a0kr", "tisdag 1 december 2026"),
    ],
)
def test_amounts_and_days_are_those_of_the_country(tag: str, money: str, day: str) -> None:
    currency = {"ja-JP": "JPY", "pl-PL": "PLN", "pt-BR": "BRL", "sv-SE": "SEK"}[tag]
    amount = Decimal(3704) if currency == "JPY" else Decimal("3703.68")
    assert (formats_of(tag).money(amount, currency), formats_of(tag).full_date(_DAY)) == (money, day)


def test_emails_know_their_words_in_the_language_and_the_country() -> None:
    assert email_words("ja-JP")["total"] == "合計"
    assert email_words("pt-BR")["order_title"] == "Pedido"
    assert email_words("pt_PT")["order_title"] == email_words("pt")["order_title"] == "Encomenda"
    assert email_words("fi-FI") == ENGLISH
    assert (speaks("ja"), speaks("fi-FI")) == (True, False)
