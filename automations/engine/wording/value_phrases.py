"""Single values in words, and the names that a store must supply for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from automations.engine.fields.subject import LINE, Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.operators import Operator
from automations.engine.operators.time_spans import parse_span
from automations.engine.operators.value_types import ForeignAmount, InvalidValue, Lines, Value, missing, parse
from automations.engine.wording.formats import Formats, count_words, joined

MISSING = "…"


class Words(Protocol):
    """The store's names of choices and records, its formats, its currency and its time zone."""

    @property
    def formats(self) -> Formats:
        """How the store writes amounts, numbers, dates and times."""

    @property
    def currency(self) -> str:
        """The ISO code of the store's currency, such as "GBP"."""

    def local(self, moment: datetime) -> datetime:
        """Return the same instant in the store's time zone."""

    def choice(self, list_key: str, key: str) -> str:
        """Return the label of a choice."""

    def reference(self, kind: str, id: str) -> str:
        """Return the name of an account, a store or a segment."""


def value_words(field: Field, value: Value | None, words: Words) -> str:
    """Return a typed value of a field as people write it; "empty" for a missing one."""
    if value is None or missing(value):
        return "empty"
    if isinstance(value, ForeignAmount):
        return words.formats.money(value.amount, value.currency)
    if isinstance(value, Decimal):
        money = field.type == "money"
        return words.formats.money(value, words.currency) if money else words.formats.number(value)
    if isinstance(value, datetime):
        return words.formats.moment(words.local(value))
    if isinstance(value, date):
        return words.formats.date(value)
    if isinstance(value, time):
        return words.formats.clock(value)
    if isinstance(value, frozenset | Lines):
        return joined(sorted(map(str, value)))
    return _key_words(field, value, words)


def stored_words(field: Field, value: str | None, words: Words) -> str:
    """Return a condition's stored value in words: unreadable text unchanged, a missing value as "…"."""
    if not isinstance(value, str) or not value.strip():
        return MISSING
    try:
        return value_words(field, parse(field.type, value), words)
    except InvalidValue:
        return value


def needed_words(field: Field, operator: Operator, value: object, words: Words) -> str:
    """Return the stored value a condition compares with in words: "Paid", "Paid or Void", "3 days" or "…"."""
    if operator.takes == "none":
        return ""
    if operator.takes == "span":
        return f"{_span_words(value, words)} {operator.after}".strip()
    if operator.takes == "one":
        return stored_words(field, value if isinstance(value, str) else None, words)
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    phrases = [stored_words(field, item if isinstance(item, str) else None, words) for item in listed] or [
        MISSING
    ]
    return joined(phrases, "and" if operator.takes == "two" else "or")


def _span_words(value: object, words: Words) -> str:
    text = value.strip() if isinstance(value, str) else ""
    try:
        span = parse_span(text)
    except InvalidValue:
        return text or MISSING
    return count_words(span.count, span.unit, words.formats)


def _key_words(field: Field, value: str, words: Words) -> str:
    if field.labels or field.type == "bool":
        return field.labels.get(value, value)
    if field.choices:
        return words.choice(field.choices, value)
    if field.reference:
        return words.reference(field.reference, value)
    # Product names read better without quotation marks.
    return value if field.key.startswith(LINE) else f"“{value}”"


def subject_of(subject: Subject | str) -> Subject:
    """Return the subject itself, or the subject with this key."""
    return SUBJECTS[subject] if isinstance(subject, str) else subject
