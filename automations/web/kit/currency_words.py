"""Currencies as people choose them."""

from __future__ import annotations

from functools import cache

from babel import Locale


def currency_words(code: str) -> str:
    """Return a currency as people choose it: "EUR · Euro"; the code alone if it has no name."""
    name = _names().get(code)
    return f"{code} · {name}" if name else code


@cache
def _names() -> dict[str, str]:
    return dict(Locale("en", "GB").currencies)
