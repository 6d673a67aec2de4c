"""The facts in the card beside a record's log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, url_for

from automations.engine.wording import value_words
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.models.customer import Customer
from automations.models.event import Event
from automations.models.order import Order
from automations.web import filters
from automations.web.record_kinds import BY_SUBJECT, Record

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
    kinds = {Order: _order, Event: _event, Customer: _customer}
    found = [*kinds[type(record)](record, words), *_own(record, words)]
    found.append(Fact("Created", "", when=record.created_at))
    return [fact for fact in found if fact.value or fact.when]


def newest_of(customer: Customer) -> list[tuple[str, str]]:
    """(name, address) of the customer's latest orders and events."""
    found = []
    for subject, model in (("order", Order), ("event", Event)):
        mine = sa.select(model).where(model.store_id == g.store.id, model.customer_id == customer.id)
        rows = db.session.scalars(mine.order_by(model.id.desc()).limit(NEWEST))
        found += [(BY_SUBJECT[subject].name(row), BY_SUBJECT[subject].url(row)) for row in rows]
    return found


def _order(order: Order, words: StoreWords) -> Iterator[Fact]:
    yield from _people(order)
    for name, label in (
        ("order_type", "Order type"),
        ("fulfilment_method", "Fulfilment"),
        ("delivery_type", "Delivery type"),
        ("delivery_status", "Delivery status"),
        ("source", "Source"),
    ):
        yield Fact(label, _choice(words, name, getattr(order, name)))
    yield Fact("Delivery date", filters.day(order.delivery_date))
    yield Fact("Storage until", filters.day(order.storage_until))
    yield from _money(order)
    yield Fact("Items", str(order.item_count) if order.item_count else "")
    yield Fact("Tracking number", order.tracking_number)
    yield from _rest(order)
    yield Fact("Placed", "", when=order.placed_at)


def _event(event: Event, words: StoreWords) -> Iterator[Fact]:
    yield Fact("Name", event.name)
    yield from _people(event)
    yield Fact("Event type", _choice(words, "event_type", event.event_type))
    yield Fact("Event date", filters.day(event.event_date))
    yield Fact("Guests", str(event.guests) if event.guests is not None else "")
    yield Fact("Budget", filters.money(event.budget, event.currency))
    yield from _money(event)
    yield from _rest(event)


def _customer(customer: Customer, words: StoreWords) -> Iterator[Fact]:
    yield Fact("Number", customer.number)
    yield Fact("Email", customer.email)
    yield Fact("Phone", customer.phone)
    yield from _account(customer)
    if customer.marketing_consent:
        yield Fact("Agreed to marketing", "", when=customer.marketing_consent_since or customer.created_at)
    yield from _rest(customer)


def _own(record: Record, words: StoreWords) -> Iterator[Fact]:
    subject = next(key for key, kind in BY_SUBJECT.items() if isinstance(record, kind.model))
    for field in words.custom(subject).values():
        value = field.value({"custom": record.custom})
        yield Fact(field.label, value_words(field, value, words) if value is not None else "")


def _people(record: Order | Event) -> Iterator[Fact]:
    if record.customer:
        yield Fact("Customer", record.customer.name, BY_SUBJECT["customer"].url(record.customer))
    yield from _account(record)


def _account(record: Record) -> Iterator[Fact]:
    if record.account:
        yield Fact("Account", record.account.name, url_for("accounts.show", account_id=record.account.id))


def _money(record: Order | Event) -> Iterator[Fact]:
    yield Fact("Total", filters.money(record.total, record.currency))
    yield Fact("Amount paid", filters.money(record.amount_paid, record.currency))
    yield Fact("Balance due", filters.money(record.balance_due, record.currency))


def _rest(record: Record) -> Iterator[Fact]:
    yield Fact("Tags", ", ".join(record.tags or ()))
    yield Fact("Note", record.note)


def _choice(words: StoreWords, list_key: str, key: str | None) -> str:
    return words.choice(list_key, key) if key else ""
