"""The choice lists a store can edit: their default entries, and the labels for their keys."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from copy import copy
from typing import Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import STORE_CURRENCY
from automations.messages.store_formats import formats_of
from automations.models.tables.custom_field import fields_of
from automations.models.tables.customer import Account
from automations.models.tables.segment import Segment
from automations.models.tables.store import Choice, Store
from automations.models.tables.store_file import ATTACHMENT, StoreFile

#: Source: the product's description of triggers and conditions; the delivery lists are ours.
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "order_status": (
        "Unconfirmed",
        "Confirmed",
        "Picked",
        "Ready for Fulfilment",
        "With Courier",
        "Out for Delivery",
        "Fulfilled",
        "Cancelled",
    ),
    "event_status": (
        "Draft",
        "Quote Sent",
        "Follow Up",
        "Quote Accepted",
        "Order Finalisation",
        "Order Created",
        "Completed",
        "Cancelled",
        "Archived",
    ),
    "payment_status": (
        "Unpaid",
        "Partially Paid",
        "Paid",
        "Over Paid",
        "Refunded",
        "Partially Refunded",
        "Void",
        "Expired",
    ),
    "order_type": ("Gift", "Funeral", "Corporate", "Event"),
    "event_type": ("Wedding", "Funeral", "Corporate"),
    "fulfilment_method": ("Delivery", "Collection", "Relay"),
    "delivery_type": ("Own van", "Courier delivery", "Royal Mail"),
    "delivery_status": ("Booked", "In transit", "At the depot", "Delivered", "Returned"),
    "source": ("Till", "Web", "Phone", "API"),
}

_NAMED: Mapping[str, type[Account] | type[Segment]] = {"account": Account, "segment": Segment}

LIST_LABELS: Mapping[str, str] = {
    "order_status": "Order statuses",
    "event_status": "Event statuses",
    "payment_status": "Payment statuses",
    "order_type": "Order types",
    "event_type": "Event types",
    "fulfilment_method": "Fulfilment methods",
    "delivery_type": "Delivery types",
    "delivery_status": "Delivery statuses",
    "source": "Sources",
}


def key_of(label: str) -> str:
    """Return a stable key for a new label: "Ready for Fulfilment" -> "ready_for_fulfilment"."""
    return re.sub(r"\W+", "_", label.strip().lower()).strip("_") or "choice"


def add_defaults(session: Session, store: Store) -> None:
    """Give a new store the lists of DEFAULTS."""
    session.execute(
        sa.insert(Choice),
        [
            {"store_id": store.id, "list_key": name, "key": key_of(label), "label": label, "position": place}
            | {"former_labels": []}
            for name, labels in DEFAULTS.items()
            for place, label in enumerate(labels)
        ],
    )


class StoreWords:
    """The words of one store: labels of its choices, names of its accounts. An `engine.wording.Words`."""

    def __init__(self, session: Session, store: Store) -> None:
        self.currency = store.currency
        self.formats = formats_of(store.language)
        self.region = store.region
        self.store_id = store.id
        self.zone = ZoneInfo(store.timezone)
        self._session: Session | None = session
        self._names = {("store", str(store.id)): store.name}
        self._custom: dict[bool, dict[str, dict[str, Field]]] = {}
        self._subjects: dict[str, Subject] = {}
        self._labels: dict[str, dict[str, str]] = {name: {} for name in DEFAULTS}
        self._former: dict[tuple[str, str], list[str]] = {}
        self._keys: dict[str, dict[str, str]] = {name: {} for name in DEFAULTS}
        for row in session.scalars(_choices_of(store.id)):
            self._labels[row.list_key][row.key] = row.label
            self._former[row.list_key, row.key] = row.former_labels
            for word in (*row.former_labels, row.key, row.label):
                self._keys[row.list_key][word.casefold()] = row.key

    def kept(self) -> Self:
        """Return a copy for all threads: same lists and custom fields, but no session."""
        words = copy(self)
        words._custom, words._session = {False: self._fields(removed=False)}, None
        words._subjects = {}
        return words

    def for_session(self, session: Session) -> Self:
        """Return a copy for another session without reading the lists again."""
        words = copy(self)
        words._session, words._names = session, dict(self._names)
        words._custom, words._subjects = {}, {}
        return words

    def as_then(self, snapshot: Mapping[str, object]) -> Self:
        """Return the words of the time of a snapshot, when the store may have had another currency."""
        # A snapshot names the store's currency only where it was not the record's.
        currency = str(snapshot.get(STORE_CURRENCY) or snapshot.get("currency") or self.currency)
        if currency == self.currency:
            return self
        words = copy(self)
        words.currency = currency
        return words

    def local(self, moment: dt.datetime) -> dt.datetime:
        """Return the instant in the store's time zone; unchanged where the calendar ends."""
        try:
            return moment.astimezone(self.zone)
        except OverflowError:
            return moment

    def choice(self, list_key: str, key: str) -> str:
        """Return the label of a key; the key itself if the list has no such entry."""
        return self._labels[list_key].get(key, key)

    def former(self, list_key: str, key: str) -> list[str]:
        """Return the labels that a choice had before, oldest first."""
        return self._former.get((list_key, key), [])

    def options(self, list_key: str) -> list[tuple[str, str]]:
        """Return (key, label) of the entries of a list, in order."""
        return list(self._labels[list_key].items())

    def choices(self, list_key: str) -> list[str]:
        """Return the keys of a list, in order."""
        return list(self._labels[list_key])

    def labels(self, list_key: str) -> list[str]:
        """Return the labels of a list, in order."""
        return list(self._labels[list_key].values())

    def key_for(self, list_key: str, word: str) -> str | None:
        """Return the key for a label, a former label or a key, ignoring case; None if there is none."""
        return self._keys[list_key].get(word.strip().casefold())

    def files(self) -> dict[str, int]:
        """Return the sizes of the files that emails can bring along, by name."""
        of_store = (StoreFile.store_id == self.store_id, StoreFile.purpose == ATTACHMENT)
        query = sa.select(StoreFile.name, StoreFile.size).where(*of_store)
        return {row.name: row.size for row in self._open().execute(query)}

    def reference(self, kind: str, id: str) -> str:
        """Return the name of an account, a segment or a store by its id."""
        if (kind, id) not in self._names:
            self._names[kind, id] = self._name(kind, id) or f"{kind} {id}"
        return self._names[kind, id]

    def has_reference(self, kind: str, id: str) -> bool:
        """Return whether this store has such an account or segment, or is the store with this id."""
        return id == str(self.store_id) if kind == "store" else self._name(kind, id) is not None

    def custom(self, subject: str) -> Mapping[str, Field]:
        """Return the store's custom fields of a subject by key ("custom.colour"), for writing rules."""
        return self._fields(removed=False).get(subject, {})

    def custom_ever(self, subject: str) -> Mapping[str, Field]:
        """Return the same including removed fields, for reading old rules and the log."""
        return self._fields(removed=True).get(subject, {})

    def subject(self, key: str) -> Subject:
        """Return a subject with the store's custom fields, removed ones included."""
        if key not in self._subjects:
            self._subjects[key] = SUBJECTS[key].with_custom(self.custom_ever(key))
        return self._subjects[key]

    def _fields(self, removed: bool) -> dict[str, dict[str, Field]]:
        if removed not in self._custom:
            self._custom[removed] = fields_of(self._open(), self.store_id, removed=removed)
        return self._custom[removed]

    def _name(self, kind: str, id: str) -> str | None:
        """Return the name of an account or a segment of this store; None if there is none."""
        table = _NAMED.get(kind)
        if table is None or not (id.isascii() and id.isdigit() and len(id) < 19):
            return None
        query = sa.select(table.name).where(table.id == int(id), table.store_id == self.store_id)
        return self._open().execute(query).scalar()

    def _open(self) -> Session:
        if self._session is None:
            raise RuntimeError("The copy for all threads has no session. Use for_session.")
        return self._session


def _choices_of(store_id: int) -> sa.Select[Choice]:
    return sa.select(Choice).where(Choice.store_id == store_id).order_by(Choice.list_key, Choice.position)
