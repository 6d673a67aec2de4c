"""How a store writes amounts, numbers, dates and times on its pages and inside of sentences.

A British store's are the engine's own, every other's are Babel's. An `engine.wording.formats.Formats`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_skeleton, format_time, get_datetime_format

from automations.engine.wording.formats import BritishFormats
from automations.messages.date_formats import formatted
from automations.messages.locale_formats import BRITISH, date_in, locale_of, money_in, number_in


class StoreFormats(BritishFormats):
    """The formats of British stores, with those that only pages need."""

    #: The language with its country: "de-DE".
    language = BRITISH

    def short_date(self, day: dt.date) -> str:
        """Return a day without its year: "4 Dec"."""
        return formatted(_midnight(day), "%-d %b")

    def month(self, day: dt.date) -> str:
        """Return a month in short: "Dec"."""
        return formatted(_midnight(day), "%b")

    def short_weekday_date(self, day: dt.date) -> str:
        """Return a day with its weekday, both in short: "Tue 24 Nov"."""
        return formatted(_midnight(day), "%a %-d %b")

    def weekday_date(self, day: dt.date) -> str:
        """Return a day of this week or so in full: "Tuesday 24 November"."""
        return formatted(_midnight(day), "%A %-d %B")

    def full_date(self, day: dt.date) -> str:
        """Return a day with its weekday and year: "Tuesday 24 Nov 2026"."""
        return formatted(_midnight(day), "%A %-d %b %Y")

    def long_date(self, day: dt.date) -> str:
        """Return a day with its month in full, without its year: "24 November"."""
        return formatted(_midnight(day), "%-d %B")

    def seconds(self, moment: dt.datetime | dt.time) -> str:
        """Return a dt.time of day to the second: "14:02:31"."""
        return f"{moment:%H:%M:%S}"

    def together(self, day: str, clock: str) -> str:
        """Return a dt.date and a dt.time of day as one: "24 Nov 2026 09:30"."""
        return f"{day} {clock}"


class LocaleFormats(StoreFormats):
    """The formats of a store in any other country."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = locale_of(language)

    def money(self, amount: Decimal, currency: str) -> str:
        return money_in(self.language, amount, currency)

    def number(self, number: Decimal | int) -> str:
        return number_in(self.language, Decimal(number))

    def date(self, day: dt.date) -> str:
        return self._skeleton("yMMMd", day)

    def moment(self, moment: dt.datetime) -> str:
        return f"{self.together(self.date(moment), self.clock(moment))} {moment:%Z}".rstrip()

    def clock(self, moment: dt.datetime | dt.time) -> str:
        return format_time(_bare(moment), "short", locale=self._locale)

    def short_date(self, day: dt.date) -> str:
        return self._skeleton("MMMd", day)

    def month(self, day: dt.date) -> str:
        return format_date(day, "LLL", locale=self._locale)

    def short_weekday_date(self, day: dt.date) -> str:
        return self._skeleton("MMMEd", day)

    def weekday_date(self, day: dt.date) -> str:
        return date_in(self.language, _midnight(day), "day")

    def full_date(self, day: dt.date) -> str:
        return format_date(day, "full", locale=self._locale)

    def long_date(self, day: dt.date) -> str:
        return self._skeleton("MMMMd", day)

    def seconds(self, moment: dt.datetime | dt.time) -> str:
        return format_time(_bare(moment), "medium", locale=self._locale)

    def together(self, day: str, clock: str) -> str:
        pattern = str(get_datetime_format("medium", locale=self._locale))
        return pattern.replace("'", "").replace("{0}", clock).replace("{1}", day)

    def _skeleton(self, skeleton: str, day: dt.date) -> str:
        return format_skeleton(skeleton, _midnight(day), locale=self._locale)


@lru_cache(maxsize=64)
def formats_of(language: str) -> StoreFormats:
    """Return how a store with this language and country writes; the British way for an unknown one."""
    return StoreFormats() if language == BRITISH else LocaleFormats(language)


def _bare(moment: dt.datetime | dt.time) -> dt.time:
    """Return the dt.time of day without its zone: Babel would convert it to UTC."""
    return moment.time() if isinstance(moment, dt.datetime) else moment.replace(tzinfo=None)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())
