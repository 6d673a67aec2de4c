"""Amounts and numbers as people type them in their country: "1.200,50" in a German store is "1200.50"."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel.numbers import list_currencies

from automations.messages.locale_formats import BRITISH, locale_of, number_in

#: A decimal point is understood everywhere, unless it may be a separator of thousands.
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
#: One mark with three digits behind it: elsewhere it may be read as another number.
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
_SPACES = "\u00a0\u202f\u2009 "
#: Marks of direction, which pages put around amounts.
_UNSEEN = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
#: Signs that people use besides those of the tables.
_MORE_SIGNS = {"CHF": ("Fr.", "SFr."), "DKK": ("kr",), "JPY": ("¥", "￥", "円"), "CNY": ("¥", "￥", "元")}
_EXAMPLE = Decimal("1234.5")


def plain_amount(text: str, language: str = BRITISH, currency: str = "") -> str | None:
    """Return an amount without its sign and separators of thousands; None for what is none.

    "£1,200.50" is "1200.50" in a British store; "86,50" is no amount there, and 86.50 in a German one.
    With a currency only its own signs are understood.
    """
    typed = bare_number(text, language, currency)
    match = _typed(language).fullmatch(typed)
    if match:
        digits = re.sub(r"[^0-9+-]", "", match[1])
        return digits + (match[2] or "").replace(_separators(language)[1], ".")
    return typed if _PLAIN.fullmatch(typed) else None


def bare_number(text: str, language: str = BRITISH, currency: str = "") -> str:
    """Return a typed number without the sign of its currency, with a plain minus in front."""
    typed = " ".join(text.translate(_UNSEEN).split()).replace("−", "-")
    match = _signs(language, currency).fullmatch(typed)
    if match is None or (match["before"] and match["after"]) or (match["minus"] and match["inner"]):
        return typed
    return match["minus"] + match["inner"] + match["number"]


def told_reading(text: str, language: str = BRITISH) -> str:
    """Return how a number is read that people elsewhere would take for another, as a sentence; or ""."""
    plain = plain_amount(text, language)
    if plain is None or not _EITHER.fullmatch(bare_number(text, language)):
        return ""
    whole, _, decimals = plain.partition(".")
    reading = f"{whole} and {int(decimals)} thousandths" if decimals else whole
    return f"“{text.strip()}” was read as {reading}."


def amount_rule(language: str = BRITISH) -> str:
    """Return how amounts are read in forms, as a sentence."""
    group = _separators(language)[0]
    same = f"{number_in(language, _EXAMPLE)} and 1234.5 are the same here"
    return f"{same}, and 1{group}234 is 1234." if group in ".," else f"{same}."


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


@lru_cache(maxsize=512)
def _signs(language: str, currency: str) -> re.Pattern[str]:
    """Return the pattern of a number with the sign of its currency, or of any, before or behind it."""
    found = {sign for one in ([currency] if currency else list_currencies()) for sign in _of(language, one)}
    sign = "|".join(re.escape(one) for one in sorted(found, key=len, reverse=True))
    return re.compile(
        rf"(?P<minus>[+-]?) ?(?P<before>(?:{sign})?) ?(?P<inner>[+-]?)"
        rf"(?P<number>[0-9].*?) ?(?P<after>(?:{sign})?)",
        re.IGNORECASE,
    )


def _of(language: str, currency: str) -> set[str]:
    names = [locale_of(tag).currency_symbols.get(currency, currency) for tag in (language, BRITISH)]
    signs = {" ".join(name.translate(_UNSEEN).split()) for name in [currency, *names]}
    # "CA$" is "$" for whoever sells in it.
    signs |= {name[-1] for name in signs if name[-1:] in "$£€¥"}
    return signs | set(_MORE_SIGNS.get(currency, ()))
