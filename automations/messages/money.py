"""Amounts as people write them: £86.50."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


def money(amount: Decimal, currency: str) -> str:
    """`amount` with two decimals, thousands and the sign of `currency`: "£1,840.00", "-£5.20"."""
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = "-" if rounded < 0 else ""
    symbol = _SYMBOLS.get(currency.upper(), f"{currency} " if currency else "")
    return f"{sign}{symbol}{abs(rounded):,.2f}"
