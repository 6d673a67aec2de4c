"""Amounts and numbers as people type them in their country: "1.200,50" in a German store is "1200.50"."""

from __future__ import annotations

import re
from functools import lru_cache

from automations.messages.locale_formats import BRITISH, locale_of

_SIGN = re.compile(r"^[£€$¥]\s*|\s*[£€$¥]$")
#: A decimal point is understood everywhere, unless it may be a separator of thousands.
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_SPACES = "\u00a0\u202f "


def plain_amount(text: str, language: str = BRITISH) -> str | None:
    """Return an amount without its sign and separators of thousands; None for what is none.

    "£1,200.50" is "1200.50" in a British store; "86,50" is no amount there, and 86.50 in a German one.
    """
    decimal, typed = _separators(language)[1], _SIGN.sub("", text.strip()).replace("−", "-")
    match = _typed(language).fullmatch(typed)
    if match:
        digits = re.sub(r"[^0-9+-]", "", match[1])
        return digits + (match[2] or "").replace(decimal, ".")
    return typed if _PLAIN.fullmatch(typed) else None


def typed_amount(plain: str, language: str = BRITISH) -> str:
    """Return a stored number, "1200.50", as people type it: "1200,50" in a German store.

    Anything that is no number is returned as it is, and so is what people there would read as another.
    """
    decimal = _separators(language)[1]
    if not _PLAIN.fullmatch(plain) or plain_amount(plain.replace(".", decimal), language) != plain:
        return plain
    return plain.replace(".", decimal)


@lru_cache(maxsize=64)
def _separators(language: str) -> tuple[str, str]:
    """Return the separator of thousands and that of decimals."""
    symbols = locale_of(language).number_symbols["latn"]
    return str(symbols["group"]), str(symbols["decimal"])


@lru_cache(maxsize=64)
def _typed(language: str) -> re.Pattern[str]:
    group, decimal = _separators(language)
    if group in _SPACES:
        group = _SPACES
    elif group in "’'":
        group = "’'"
    # India separates thousands, then hundreds: 12,34,567.
    between = "{2,3}" if locale_of(language).decimal_formats[None].grouping[1] == 2 else "{3}"
    sign = f"[{re.escape(group)}]"
    groups = rf"[0-9]{{1,3}}(?:{sign}[0-9]{between})*{sign}[0-9]{{3}}"
    return re.compile(rf"([+-]?(?:[0-9]+|{groups}))({re.escape(decimal)}[0-9]+)?", re.ASCII)
