"""The facts in the card beside a record's log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, url_for

from automations.engine.fields.order_amounts import AMOUNTS, DIFFERENCE
from automations.engine.fields.order_delivery import ADDRESS as ADDRESS_PARTS
from automations.engine.fields.stored import ADDRESS, CURRENCY, LANGUAGE, PERSON, ROUNDED, Stored
from automations.engine.fields.subject import Field, UnreadableFact
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import STORE_CURRENCY
from automations.engine.wording.formats import MINUS, clock_words, joined
from automations.engine.wording.wording import value_words
from automations.messages.languages import name_of
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import Customer
from automations.pipeline.intake.custom_values import key_of
from automations.pipeline.records.order_totals import difference
from automations.web.kit import template_filters
from automations.web.kit.currency_words import currency_words
from automations.web.kit.typed_amounts import typed_amount
from automations.web.records.kind_pages import BY_SUBJECT, Record
from automations.web.records.record_form_fields import tags_text

NEWEST = 5


@dataclass(frozen=True)
class Fact:
    """A label with its value in words, or with an instant `when`; `url` is the page the value links to."""

    label: str
    value: str
    url: str = ""
    when: Any = None


def facts_of(record: Record, words: StoreWords) -> list[Fact]:
    """The facts of a record that have a value, the ones asked for most often first."""
    subject = next(key for key, kind in BY_SUBJECT.items() if isinstance(record, kind.model))
    stored = [_fact(record, entry, places, words) for entry, places in SUBJECTS[subject].placed("facts")]
    own = [_own(record, field, words) for field in words.custom(subject).values()]
    created = Fact("Created", "", when=record.created_at)
    return [fact for fact in [*stored, *own, created] if fact.value or fact.when]


def newest_of(customer: Customer) -> list[tuple[str, str]]:
    """Return (name, address) of the customer's newest orders and events, NEWEST of each."""
    links = []
    for kind in (BY_SUBJECT["order"], BY_SUBJECT["event"]):
        # A sum, or the databases may walk through the whole store to find those of one customer.
        of_customer = (kind.model.store_id + 0 == g.store.id, kind.model.customer_id == customer.id)
        query = sa.select(kind.model).where(*of_customer).order_by(kind.model.id.desc())
        links += [(kind.name(row), kind.url(row)) for row in db.session.scalars(query.limit(NEWEST))]
    return links


def _fact(record: Record, entry: Field, places: Stored, words: StoreWords) -> Fact:
    label, value = places.facts_label or entry.label, _value(record, entry)
    # A number that is never empty says nothing while it is none.
    if value is None or (entry.type == "number" and not entry.can_be_empty and not value):
        return Fact(label, "")
    if entry.type == "bool" and hasattr(record, f"{entry.key}_since"):
        since = getattr(record, f"{entry.key}_since") or record.created_at
        return Fact(label, "", when=since if value else None)
    if entry.type == "datetime":
        return Fact(label, "", when=value)
    if entry.type == PERSON:
        return Fact(label, value.name, BY_SUBJECT["customer"].url(value))
    if entry.type == "reference":
        return Fact(label, value.name, url_for("accounts.show", account_id=value.id))
    return Fact(label, _shown(record, entry, value, words))


def _shown(record: Record, entry: Field, value: Any, words: StoreWords) -> str:
    if entry.type == "choice":
        return words.choice(str(entry.choices), value) if value else ""
    if entry.type == "money":
        return template_filters.money(value, getattr(record, "currency", g.store.currency))
    if entry.type == "tags":
        return tags_text(value)
    if entry.type == "bool":
        return "Yes" if value else "No"
    if entry.type == CURRENCY:
        return currency_words(value)
    if entry.type == ADDRESS:
        return ", ".join(value[key].replace("\n", ", ") for key in ADDRESS_PARTS if value.get(key))
    if entry.type == ROUNDED:
        return joined([_rounding(name, rounding) for name, rounding in value.items()])
    if entry.stored and entry.stored.holds == LANGUAGE:
        return name_of(value) if value else ""
    if entry.type == "time":
        return clock_words(str(value), template_filters.formats())
    if entry.type == "number":
        return template_filters.counted(value)
    return template_filters.day(value) if entry.type == "date" else str(value)


def _value(record: Record, entry: Field) -> Any:
    """Return the value of a field; None for an amount that says something only where there is one."""
    if entry is DIFFERENCE:
        names = ("total", "total_given", "lines", "currency", "shipping", "discount", "tax")
        return difference({name: getattr(record, name) for name in names}) or None
    value = getattr(record, entry.key)
    if entry.type == CURRENCY and value == g.store.currency:
        return None
    return value or None if entry in AMOUNTS else value


def _rounding(name: str, rounding: Mapping[str, str]) -> str:
    """Return what became of an amount: "Total rounded from 10.90909, difference 0.00091"."""
    column, _, place = name.partition(".")
    words = (
        f"Price of item {int(place.partition('.')[0]) + 1}"
        if place
        else SUBJECTS["order"].stored[column].label
    )
    written, off = (_as_written(rounding[name]) for name in ("written", "difference"))
    return f"{words} rounded from {written}, difference {off}"


def _as_written(number: str) -> str:
    """Return a number with all its digits and the store's decimal sign."""
    return typed_amount(number, template_filters.formats().language).replace("-", MINUS)


def _own(record: Record, field: Field, words: StoreWords) -> Fact:
    try:
        currency = getattr(record, "currency", g.store.currency)
        value = field.value({"custom": record.custom, "currency": currency, STORE_CURRENCY: g.store.currency})
    except UnreadableFact:
        # A value that no longer fits its field is shown as it is: the page is where someone can mend it.
        return Fact(field.label, str(record.custom[key_of(field)]))
    return Fact(field.label, value_words(field, value, words) if value is not None else "")
