"""Single values in words, and what the engine must be told to find them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from automations.engine.formats import date_words, datetime_words, joined, money_words, number_words
from automations.engine.subject import Field, Subject
from automations.engine.subjects import SUBJECTS
from automations.engine.values import InvalidValue, Value, missing, parse


class Words(Protocol):
    """What the engine cannot know: the store's names of choices and records, its currency, its clock."""

    @property
    def currency(self) -> str:
        """The ISO code of the store's currency, such as "GBP"."""

    def local(self, moment: datetime) -> datetime:
        """A moment by the clock of the store: the same instant in its zone."""

    def choice(self, list_key: str, key: str) -> str:
        """The label of a choice."""

    def reference(self, kind: str, id: str) -> str:
        """The name of an account or a store."""


def value_words(field: Field, value: Value | None, words: Words) -> str:
    """A typed value of a field as people write it; "empty" where there is none."""
    if value is None or missing(value):
        return "empty"
    if isinstance(value, Decimal):
        return money_words(value, words.currency) if field.type == "money" else number_words(value)
    if isinstance(value, datetime):
        return datetime_words(words.local(value))
    if isinstance(value, date):
        return date_words(value)
    if isinstance(value, frozenset):
        return joined(sorted(value))
    if field.choices:
        return words.choice(field.choices, value)
    return words.reference(field.reference, value) if field.reference else f"“{value}”"


def stored_words(field: Field, value: str | None, words: Words) -> str:
    """A condition's plain text value in words; what can't be read is shown as it is, nothing as "…"."""
    if not isinstance(value, str) or not value.strip():
        return "…"
    try:
        return value_words(field, parse(field.type, value), words)
    except InvalidValue:
        return value


def subject_of(subject: Subject | str) -> Subject:
    """The subject itself, or the one with this key."""
    return SUBJECTS[subject] if isinstance(subject, str) else subject
