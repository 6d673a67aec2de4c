"""Every value in every sentence is written as people write it where the store is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from babel import dates
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.condition_phrases import plain
from automations.engine.wording.formats import BRITISH, Formats
from automations.engine.wording.wording import sentence, text_of, verdict_words
from automations.messages.locale_formats import locale_of
from automations.messages.store_formats import formats_of
from tests.engine.shop_words import ShopWords
from tests.engine.strategies import TRIGGERED, facts, rules

#: A German, a French and a Japanese store, with the currency of each.
STORES = {"de-DE": "EUR", "fr-FR": "EUR", "ja-JP": "JPY"}
#: What would be left over if one value were written in the British way. A day of the week by itself is a word
#: of the sentence.
LEFTOVERS = re.compile(
    r"£|\d\.\d\d\b|\d,\d{3}\b|\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b"
    r"|\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? \d"
)


class _Told:
    """Formats that keep what they were asked, and leave a mark without digits of a value in the sentence."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        def mark(*values: Any) -> str:
            self.asked.append((name, values))
            return "⟦" + "i" * len(self.asked) + "⟧"

        return mark

    def filled(self, text: str, formats: Formats) -> str:
        """Return the text with the values of the marks as `formats` writes them."""
        return re.sub("⟦(i+)⟧", lambda match: self._value(len(match[1]) - 1, formats), text)

    def _value(self, place: int, formats: Formats) -> str:
        name, values = self.asked[place]
        return str(getattr(formats, name)(*values))


class _Babel:
    """What Babel itself says, in its most direct words."""

    def __init__(self, language: str) -> None:
        self.locale = locale_of(language)

    def money(self, amount: Decimal, currency: str) -> str:
        shown = format_currency(
            abs(amount), currency, locale=self.locale, decimal_quantization=not _has_more(amount, currency)
        )
        return f"−{shown}" if amount < 0 else shown

    def number(self, number: Decimal | int) -> str:
        shown = format_decimal(abs(number), locale=self.locale, decimal_quantization=False)
        return f"−{shown}" if number < 0 else shown

    def date(self, day: date) -> str:
        return dates.format_skeleton("yMMMd", datetime(day.year, day.month, day.day), locale=self.locale)

    def clock(self, moment: time | datetime) -> str:
        return dates.format_time(time(moment.hour, moment.minute), "short", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        joined = {"de": "{}, {} {}", "fr": "{}, {} {}", "ja": "{} {} {}"}[self.locale.language]
        return joined.format(self.date(moment), self.clock(moment), moment.tzname())


def _has_more(amount: Decimal, currency: str) -> bool:
    return -int(amount.as_tuple().exponent) > (0 if currency == "JPY" else 2)


@st.composite
def _sentences(draw: st.DrawFn) -> Any:
    """A rule and a record: what says its sentences when it is given the words of a store."""
    subject = draw(st.sampled_from(TRIGGERED))
    trigger = draw(st.sampled_from(sorted(SUBJECTS[subject].triggers)))
    rule, known = draw(rules(subject, trigger, 1)), draw(facts(subject))
    data = {
        "subject": subject,
        "trigger": {"key": trigger, "schedule": draw(_SCHEDULES)},
        "conditions": [plain(node) for node in rule.conditions],
    }
    explained = explain(rule, known)

    def said(words: ShopWords) -> str:
        parts = [text_of(sentence(data, words, ["email the customer"]))]
        return "\n".join([*parts, *(verdict_words(one, subject, words) for one in explained.tree)])

    return said


_COUNTS = st.sampled_from(["1", "3", "1440", "10000"])
_LATE = {"late": "send", "late_within": "1440", "late_unit": "minutes"}
_SCHEDULES = st.one_of(
    st.builds(
        lambda weekday, time: {"every": "week", "weekday": weekday, "time": time},
        st.sampled_from(["monday", "sunday"]),
        st.sampled_from(["09:00", "17:30", "later"]),
    ),
    st.just({"every": "month", "day": "12", "time": "09:00"}),
    st.just({"every": "month", "nth": "second", "weekday": "tuesday", "time": "09:00"}),
    st.builds(
        lambda field, amount: {
            "field": field,
            "amount": amount,
            "unit": "days",
            "direction": "before",
            "time": "09:00",
            "repeat_every": amount,
            "repeat_unit": "hours",
            "repeat_times": "1200",
            **_LATE,
        },
        st.sampled_from(["delivery_date", "event_date"]),
        _COUNTS,
    ),
    st.builds(
        lambda amount: {"status_field": "status", "status": "paid", "amount": amount, "unit": "minutes"},
        _COUNTS,
    ),
)


@given(_sentences(), st.sampled_from(sorted(STORES)))
def test_every_value_in_every_sentence_is_what_babel_says(said: Any, language: str) -> None:
    currency, told = STORES[language], _Told()
    marked = said(ShopWords(currency, told))
    assert not re.search(r"\d", marked), "a value was written without the formats"
    shown = said(ShopWords(currency, formats_of(language)))
    assert shown == told.filled(marked, _Babel(language))
    # Japanese separates thousands as British does.
    assert language == "ja-JP" or not LEFTOVERS.search(shown)


@given(_sentences())
def test_a_british_store_reads_what_it_always_did(said: Any) -> None:
    assert said(ShopWords("GBP", formats_of("en-GB"))) == said(ShopWords("GBP", BRITISH))


def test_the_leftovers_would_be_found() -> None:
    british = ShopWords("GBP")
    condition = {"field": "total", "operator": "greater_than", "value": "1200.5"}
    rule = {"subject": "order", "trigger": {"key": "created"}, "conditions": [condition]}
    assert LEFTOVERS.search(text_of(sentence(rule, british, [])))


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("en-GB", "short_date", "1 Dec"),
        ("de-DE", "short_date", "1. Dez."),
        ("ja-JP", "short_date", "12月1日"),
        ("en-US", "short_date", "Dec 1"),
        ("en-GB", "date", "1 Dec 2026"),
        ("fr-FR", "date", "1 déc. 2026"),
        ("en-US", "date", "Dec 1, 2026"),
        ("en-GB", "weekday_date", "Tuesday 1 December"),
        ("de-DE", "weekday_date", "Dienstag, 1. Dezember"),
        ("ja-JP", "weekday_date", "12月1日火曜日"),
        ("es-ES", "weekday_date", "martes, 1 de diciembre"),
        ("en-GB", "full_date", "Tuesday 1 Dec 2026"),
        ("de-DE", "full_date", "Dienstag, 1. Dezember 2026"),
        ("en-GB", "short_weekday_date", "Tue 1 Dec"),
        ("de-DE", "short_weekday_date", "Di., 1. Dez."),
        ("en-GB", "long_date", "1 December"),
        ("de-DE", "long_date", "1. Dezember"),
        ("en-GB", "clock", "14:05"),
        ("de-DE", "clock", "14:05"),
        ("en-US", "clock", "2:05\u202fPM"),
        ("en-GB", "seconds", "14:05:09"),
        ("fr-CA", "seconds", "14 h 05 min 09 s"),
        ("en-GB", "moment", "1 Dec 2026 14:05 UTC"),
        ("de-DE", "moment", "1. Dez. 2026, 14:05 UTC"),
    ],
)
def test_a_day_and_a_time_have_every_form_that_a_page_needs(language: str, name: str, expected: str) -> None:
    moment = datetime(2026, 12, 1, 14, 5, 9, tzinfo=UTC)
    assert getattr(formats_of(language), name)(moment) == expected


def test_yen_have_no_decimals_and_euros_have_two() -> None:
    assert formats_of("ja-JP").money(Decimal("370368"), "JPY") == "￥370,368"
    assert formats_of("ja-JP").money(Decimal("41.50"), "JPY") == "￥41.5"
    assert formats_of("de-DE").money(Decimal("3703.68"), "EUR") == "3.703,68\u00a0€"
