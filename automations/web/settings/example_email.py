"""The email that shows how all emails of a store look."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from automations.emails.email_layout import Button, EmailLayout, OrderTable
from automations.emails.email_look import EmailLook
from automations.emails.email_words import email_words
from automations.engine.fields.currencies import decimals_of
from automations.messages.store_formats import formats_of
from automations.models.tables.store import Store

_LANGUAGE = "en-GB"
_DAY = dt.date(2026, 11, 28)


def example_words(store: Store) -> str:
    """Return the words of an order's email, with an amount and a day as the store writes them."""
    paid, day = _amount(store, "86.50"), formats_of(store.language).weekday_date(_DAY)
    return f"Hello Ottoline,\n\nthank you for your payment of {paid}. We deliver your order on {day}."


def example_layout(look: EmailLook, store: Store) -> EmailLayout:
    """Return the layout of an order's email with everything that an email may have."""
    words = email_words(_LANGUAGE)
    lines = [("1 × Hand-tied bouquet", "48.00"), ("1 × Stoneware vase, small", "28.50")]
    table = OrderTable(
        heads=(words["order"], words["price"]),
        lines=[(name, _amount(store, price)) for name, price in lines],
        sums=[(words["shipping"], _amount(store, "10.00"))],
        total=(words["paid"], _amount(store, "86.50")),
    )
    button = Button("See your order", "https://shop.example/orders/1051")
    return EmailLayout(look, _LANGUAGE, button, table, words["why_order"])


def _amount(store: Store, pounds: str) -> str:
    """Return about as much in the store's currency: a hundred times the number where it has no decimals."""
    size = 1 if decimals_of(store.currency) else 100
    return formats_of(store.language).money(Decimal(pounds) * size, store.currency)
