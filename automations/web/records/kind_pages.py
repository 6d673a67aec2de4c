"""The three kinds of record, as the pages use them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import abort, g, url_for

from automations.engine.fields.subjects import SUBJECTS
from automations.models.accounts import merged_customers
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.web.kit import scope
from automations.web.records import merged_into

Record = Order | Event | Customer

#: Numbers that can be used in an address as they are; records with other numbers are addressed by id.
PLAIN = re.compile(r"(?!new$|options$)[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
BY_ID = merged_into.BY_ID


@dataclass(frozen=True)
class RecordPages:
    """The pages of one subject: /orders, /orders/10482. `filters` holds (column, label, list key)."""

    subject: str
    plural: str
    model: Any
    #: The prefix of the numbers we generate.
    prefix: str
    filters: tuple[tuple[str, str, str], ...]
    #: What its list is searched by.
    search_hint: str

    @property
    def label(self) -> str:
        return SUBJECTS[self.subject].label

    @property
    def title(self) -> str:
        return SUBJECTS[self.subject].plural

    @property
    def has_statuses(self) -> bool:
        return self.subject != "customer"

    def name(self, record: Record) -> str:
        """Return what a person calls the record: "Order 10482", "Anna Petrova"."""
        return record.name if isinstance(record, Customer) else f"{self.label} {record.number}"

    def url(self, record: Record, view: str = "show", **values: Any) -> str:
        return url_for(f"{self.plural}.{view}", number=self.reference(record), **values)

    def reference(self, record: Record) -> str:
        """Return how an address names the record: by number, or by id if the number could be misread."""
        return record.number if PLAIN.fullmatch(record.number) else f"{BY_ID}{record.id}"


_PAYMENT = ("payment_status", "Payment status", "payment_status")
KINDS = {
    "orders": RecordPages(
        "order",
        "orders",
        Order,
        "",
        (
            ("status", "Status", "order_status"),
            _PAYMENT,
            ("fulfilment_method", "Fulfilment method", "fulfilment_method"),
            ("order_type", "Order type", "order_type"),
        ),
        "Number, customer, product, tracking, tag",
    ),
    "events": RecordPages(
        "event",
        "events",
        Event,
        "E-",
        (("status", "Status", "event_status"), _PAYMENT, ("event_type", "Event type", "event_type")),
        "Number, name, customer, tag",
    ),
    "customers": RecordPages("customer", "customers", Customer, "C-", (), "Name, phone, email, tag"),
}
BY_SUBJECT = {kind.subject: kind for kind in KINDS.values()}


def record_or_404(kind: RecordPages, number: str) -> Record:
    """Return the record of this store that an address names, or abort with 404."""
    if not number.startswith(BY_ID):
        by_number = sa.select(kind.model).where(
            kind.model.store_id == g.store.id, kind.model.number == number
        )
        record: Record | None = db.session.scalars(by_number).one_or_none()
        if record is None and kind.model is Customer:
            merged_into.lead_on(number)
        return record or abort(404)
    id = number.removeprefix(BY_ID)
    if not (id.isascii() and id.isdigit() and len(id) < 19):
        abort(404)
    if kind.model is Customer and db.session.get(Customer, int(id)) is None:
        merged_into.lead_on(merged_customers.number_of(db.session(), g.store.id, int(id)))
    by_id: Record = scope.by_id_or_404(kind.model, int(id))
    return by_id


def url_of(subject: str, record_id: int, number: str = "") -> str:
    """Return the address of a record known by subject and id, as the log has it."""
    name = number if PLAIN.fullmatch(number) else f"{BY_ID}{record_id}"
    return url_for(f"{BY_SUBJECT[subject].plural}.show", number=name)


def store_words() -> StoreWords:
    """Return the store's words, read once per request."""
    if "words" not in g:
        g.words = StoreWords(db.session(), g.store)
    words: StoreWords = g.words
    return words
