"""Records to try an automation on: built-in samples, and the store's own recent records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields import stored
from automations.engine.fields.currencies import decimals_of
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.messages.languages import known_tag
from automations.models.db.newest_first import of_store
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import ACCOUNT_TABLE, CUSTOMER_TABLE, KINDS, peers_of
from automations.pipeline.records.snapshots import PlainPeers

Snapshot = dict[str, Any]

_LINES = [
    {
        "sku": "ROSE-12",
        "name": "A dozen red roses",
        "category": "Bouquets",
        "quantity": 1,
        "unit_price": "48.50",
    },
    {"sku": "VASE-M", "name": "Glass vase", "category": "Extras", "quantity": 2, "unit_price": "19.00"},
]
_ADDRESS = {"street": "1 Mill Lane", "city": "Bath", "postcode": "BA1 1AA", "country": "GB"}
#: The value of a field whose entry names no sample, by type.
_NOTHING: Mapping[str, Any] = {
    "text": "",
    **{type: [] for type in stored.LISTS},
    **{type: {} for type in stored.OBJECTS},
}


def _values(subject: str) -> Snapshot:
    """Return a snapshot made of the samples that the entries of a subject name."""
    placed = [pair for pair in SUBJECTS[subject].placed("json") if pair[0].type != stored.OWN]
    return {entry.key: _sample(entry, places) for entry, places in placed}


def _sample(entry: Field, places: Stored) -> Any:
    if entry.type == stored.LINES:
        return _LINES
    if entry.type == stored.ADDRESS:
        return _ADDRESS
    if entry.type == "tags":
        return list(places.sample) if isinstance(places.sample, tuple) else []
    return _NOTHING.get(entry.type) if places.sample is None else places.sample


_CUSTOMER = _values("customer")
_AROUND = {"account": None, "customer": _CUSTOMER}
_ORDER = _values("order") | _AROUND
_UNPAID = {"payment_status": "unpaid", "amount_paid": "0.00", "balance_due": "86.50"}
_COLLECTION = {
    "fulfilment_method": "collection",
    "delivery_type": None,
    "delivery_date": None,
    "storage_until": "2030-06-21",
}
_BIG = {"status": "unconfirmed", "total": "320.00", "amount_paid": "320.00", "balance_due": "0.00"}
_AT_THE_DEPOT = {
    "status": "with_courier",
    "delivery_type": "royal_mail",
    "delivery_status": "at_the_depot",
    "tracking_number": "AB123456789GB",
}
_EVENT = _values("event") | _AROUND
_NOTHING_PAID = {"payment_status": "unpaid", "amount_paid": "0.00"}

_BOUGHT = {key: field.stored for key, field in SUBJECTS["customer"].stored.items() if field.worked_out}
_PERSON = _CUSTOMER | {key: places.sample for key, places in _BOUGHT.items() if places}


@dataclass(frozen=True)
class Sample:
    """An invented record: `label` for the list, `values` as in a snapshot."""

    key: str
    label: str
    values: Mapping[str, Any]


SAMPLES: Mapping[str, tuple[Sample, ...]] = {
    "order": (
        Sample("paid_delivery", "A sample delivery order, paid", _ORDER),
        Sample("unpaid_delivery", "A sample delivery order, unpaid", _ORDER | _UNPAID),
        Sample("paid_collection", "A sample collection order, paid", _ORDER | _COLLECTION),
        Sample("at_the_depot", "A sample parcel at the depot", _ORDER | _AT_THE_DEPOT),
        Sample("courier", "A sample courier order", _ORDER | {"delivery_type": "courier_delivery"}),
        Sample("big", "A sample big order, unconfirmed but paid", _ORDER | _BIG),
        Sample("funeral", "A sample funeral order, unpaid", _ORDER | _UNPAID | {"order_type": "funeral"}),
        Sample(
            "no_email",
            "A sample order without an email address or phone number",
            _ORDER | {"customer": {**_CUSTOMER, "email": "", "phone": ""}},
        ),
    ),
    "event": (
        Sample("wedding_deposit", "A sample wedding, deposit received", _EVENT),
        Sample(
            "wedding_draft",
            "A sample wedding, just begun",
            _EVENT | _NOTHING_PAID | {"status": "draft", "balance_due": "2400.00"},
        ),
        Sample(
            "corporate",
            "A sample corporate event, nothing paid",
            _EVENT
            | _NOTHING_PAID
            | {"event_type": "corporate", "name": "Summer party", "balance_due": "2400.00"},
        ),
    ),
    "customer": (
        Sample("regular", "A sample customer", _PERSON),
        Sample("no_consent", "A sample customer who gave no consent", _PERSON | {"marketing_consent": False}),
    ),
}


#: Between the key of a sample and the language that its customer reads.
READS = "@"


def sample_snapshot(store: Store, subject: str, key: str) -> Snapshot | None:
    """Return the sample as a record of this store; None if there is no sample with that key.

    A key such as "funeral@de" is that of the sample with a customer who reads German.
    """
    key, _, language = key.partition(READS)
    sample_found = next((sample for sample in SAMPLES.get(subject, ()) if sample.key == key), None)
    if sample_found is None:
        return None
    return {
        **_in_currency(_reading(sample_found.values, known_tag(language)), subject, store.currency),
        "currency": store.currency,
        "store": {"id": str(store.id), "name": store.name},
    }


def _reading(values: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Return the values with a customer who reads a language, if one is named."""
    if not language:
        return values
    if "customer" in values:
        return {**values, "customer": {**values["customer"], "language": language}}
    return {**values, "language": language}


def _in_currency(values: Mapping[str, Any], subject: str, currency: str) -> Snapshot:
    """Return the values with amounts as they can be in `currency`: there is no half yen."""
    step = Decimal(1).scaleb(-decimals_of(currency))

    def amount(text: Any) -> str:
        return str(Decimal(text).quantize(step, ROUND_HALF_UP))

    keys = [key for key, entry in SUBJECTS[subject].stored.items() if entry.type == "money"]
    amounts = {key: amount(values[key]) for key in keys if values.get(key) is not None}
    lines = [line | {"unit_price": amount(line["unit_price"])} for line in values.get(stored.LINES, ())]
    return {**values, **amounts} | ({stored.LINES: lines} if lines else {})


def recent(session: Session, store: Store, subject: str, limit: int = 20) -> list[tuple[str, str]]:
    """Return (number, customer's name) of the store's newest orders, events or customers."""
    if subject not in SAMPLES:
        return []
    table = KINDS[subject].table
    names = sa.func.trim(CUSTOMER_TABLE.c.first_name + " " + CUSTOMER_TABLE.c.last_name)
    own = table is CUSTOMER_TABLE
    joined = table if own else table.outerjoin(CUSTOMER_TABLE, CUSTOMER_TABLE.c.id == table.c.customer_id)
    query = sa.select(table.c.number, sa.func.coalesce(names, "")).select_from(joined)
    newest = of_store(query, table.c, store.id).limit(limit)
    return [(number, name) for number, name in session.execute(newest)]


def recent_snapshots(session: Session, store: Store, subject: str, limit: int) -> list[Snapshot]:
    """Return the current snapshots of the store's newest records, newest first."""
    table = KINDS[subject].table
    newest = of_store(sa.select(table), table.c, store.id).limit(limit)
    return _snapshots(session, store, subject, session.execute(newest).mappings().all())


def record_snapshot(session: Session, store: Store, subject: str, number: str) -> Snapshot | None:
    """Return the current snapshot of the record with that number, or None."""
    if subject not in SAMPLES:
        return None
    table = KINDS[subject].table
    query = sa.select(table).where(table.c.store_id == store.id, table.c.number == number)
    return next(iter(_snapshots(session, store, subject, session.execute(query).mappings().all())), None)


def _snapshots(session: Session, store: Store, subject: str, rows: Sequence[sa.RowMapping]) -> list[Snapshot]:
    customers = peers_of(session, CUSTOMER_TABLE, [row.get("customer_id") for row in rows])
    accounts = peers_of(session, ACCOUNT_TABLE, [row["account_id"] for row in rows])
    peers = PlainPeers(store, customers, accounts)
    return [KINDS[subject].snapshot(dict(row), peers) for row in rows]
