"""How pages format times, days, money and names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from flask import Flask, g

from automations.models.tables.store import Store
from automations.web.kit import template_filters

NOW = dt.datetime(2026, 11, 22, 14, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (dt.datetime(2026, 11, 22, 14, 2, 31, tzinfo=dt.UTC), "today 14:02"),
        (dt.datetime(2026, 11, 23, 0, 24, tzinfo=dt.UTC), "tomorrow 00:24"),
        (dt.datetime(2026, 11, 24, 14, 2, tzinfo=dt.UTC), "24 Nov 14:02"),
        (dt.datetime(2026, 11, 21, 14, 2, tzinfo=dt.UTC), "21 Nov 14:02"),
        (dt.datetime(2025, 7, 3, 8, 0, tzinfo=dt.UTC), "3 Jul 2025 09:00"),
        (None, ""),
    ],
)
def test_times_are_local_to_the_store(
    app: Flask, bloom: Store, value: dt.datetime | None, words: str
) -> None:
    g.store = bloom
    assert template_filters.when(value, now=NOW) == words


def test_the_title_of_a_time_names_its_zone(app: Flask, bloom: Store) -> None:
    g.store = bloom
    assert template_filters.exactly(NOW) == "Sunday 22 Nov 2026, 14:30:00 (Europe/London)"


def test_an_instant_is_shown_as_the_day_in_the_store(app: Flask, bloom: Store) -> None:
    g.store = bloom
    assert template_filters.day(dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)) == "1 Jul 2026"
    assert template_filters.day(dt.date(2026, 11, 24)) == "24 Nov 2026"


def test_money_has_its_currency(app: Flask, bloom: Store) -> None:
    g.store = bloom
    assert template_filters.money(Decimal("86.5")) == "£86.50"
    assert template_filters.money(Decimal("40"), "EUR") == "€40.00"
    assert template_filters.money(None) == ""


def test_initials_are_two_letters_at_most() -> None:
    assert [template_filters.initials(name) for name in ("Ada Quill", "Ada", "A B C", "")] == [
        "AQ",
        "A",
        "AC",
        "?",
    ]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge on Windows"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_in_plain_words(user_agent: str, words: str) -> None:
    assert template_filters.browser(user_agent) == words
