"""Amounts, numbers and dates as people write them where a store is, by Babel's tables.

British English is written by the program's own words, as on its pages.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, localcontext
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from automations.engine.fields.currencies import decimals_of, in_full
from automations.engine.wording.formats import MINUS, money_words

BRITISH = "en-GB"
#: What a date can be written as by a name instead of a pattern.
STYLES = ("full", "long", "medium", "short", "day", "time")
#: A day and a month next to each other, with or without the weekday before and the year behind them.
_DAY_AND_MONTH = re.compile(r"(?:(%[Aa]),? )?%-?[de]\.? (%[Bb])(?:,? (%Y))?")
#: The year at the end of a date with what leads to it and its word, at its start, or between the others.
_YEAR = re.compile(
    r",?\s*('[^']*'\s*)?y+(\s*'[^']*'|\.)*$|^y+('[^']*'|[.,年년\s])*|\s*\by+\b(\.?\s*'[^']*')?"
)


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the locale of a language tag such as "de-DE"; that of Britain for one that is not known."""
    for tag in (language, str(language).partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            # No country of its own is known for "de-FR": it is written as German is anywhere.
            continue
    return Locale.parse(BRITISH, sep="-")


def money_in(language: str, amount: Decimal, currency: str, text_message: bool = False) -> str:
    """Return an amount of an ISO currency: "3.703,68 €"; it is never rounded.

    The alphabet of text messages has neither the minus nor the spaces of typography.
    """
    if language == BRITISH:
        return money_words(amount, currency, "-" if text_message else MINUS)
    locale, exact = locale_of(language), in_full(amount, currency)
    decimals = max(decimals_of(currency), -int(exact.as_tuple().exponent))
    # The tables of the locales have other decimals than ISO 4217 for some currencies.
    zeros = "." + "0" * decimals if decimals else ""
    above_zero = locale.currency_formats["standard"].pattern.partition(";")[0]
    pattern = re.sub(r"0(\.0+)?(?![,0])", f"0{zeros}", above_zero)
    with localcontext() as context:
        context.prec = 60
        if currency:
            shown = format_currency(
                abs(exact), currency, pattern, locale, currency_digits=False, decimal_quantization=False
            )
        else:
            # An amount of no currency is written as one of any, without the sign.
            bare = pattern.replace("¤", "").strip()
            shown = format_decimal(abs(exact), bare, locale, decimal_quantization=False)
    return _plain(("-" if text_message else MINUS) + shown if exact < 0 else shown, text_message)


def number_in(language: str, number: Decimal, text_message: bool = False) -> str:
    """Return a number with the separators of the language: "1.200,5"."""
    locale = locale_of(language)
    with localcontext() as context:
        context.prec = 60
        shown = format_decimal(abs(number), locale=locale, decimal_quantization=False)
    sign = ("-" if text_message else MINUS) if number < 0 else ""
    return _plain(f"{sign}{shown}", text_message)


def date_in(language: str, when: datetime, style: str) -> str:
    """Return a date by the name of a style: "Dienstag, 1. Dezember 2026" for "full"; "day" has no year."""
    locale = locale_of(language)
    if style == "day":
        return format_date(when, _day_pattern(language, "%A", "%B", ""), locale=locale)
    if style == "time":
        return format_time(when, "short", locale=locale)
    return format_date(when, style, locale=locale)


def localized_pattern(language: str, when: datetime, pattern: str) -> str:
    """Return a pattern with its names of days and months, and how a day stands before a month, filled in.

    What is left of it are directives that every language writes the same.
    """
    if locale_of(language).language == "en":
        return pattern
    filled = _DAY_AND_MONTH.sub(lambda match: _escaped(_day_and_month(language, when, match)), pattern)
    return re.sub(r"%-?([AaBb])", lambda match: _escaped(_name(language, when, match[1])), filled)


def _day_and_month(language: str, when: datetime, match: re.Match[str]) -> str:
    weekday, month, year = match.groups(default="")
    return format_date(when, _day_pattern(language, weekday, month, year), locale=locale_of(language))


@lru_cache(maxsize=256)
def _day_pattern(language: str, weekday: str, month: str, year: str) -> str:
    """Return how the language writes a day with its month: the whole date less what is not asked for."""
    whole = str(locale_of(language).date_formats["full" if weekday else "long"].pattern)
    if not year:
        whole = _YEAR.sub("", whole)
    short_weekday = whole.replace("EEEE", "EEE") if weekday == "%a" else whole
    return short_weekday.replace("MMMM", "MMM") if month == "%b" else short_weekday


def _name(language: str, when: datetime, directive: str) -> str:
    letters = {"A": "cccc", "a": "ccc", "B": "LLLL", "b": "LLL"}[directive]
    return format_date(when, letters, locale=locale_of(language))


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _plain(text: str, text_message: bool) -> str:
    return re.sub("[\u00a0\u202f]", " ", text) if text_message else text
