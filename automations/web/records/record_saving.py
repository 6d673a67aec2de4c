"""Save a form's values through `receive`, unless someone changed the record since the form was opened."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import Session

from automations.models.access import audit
from automations.models.accounts import merged_customers
from automations.models.db.base import run_in_write
from automations.models.db.newest_first import of_store
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer, answer_once
from automations.pipeline.records.change import Cause, Change, Received
from automations.web.records.audited_changes import audited
from automations.web.records.kind_pages import KINDS, RecordPages, store_words
from automations.web.records.new_customer import NewPerson, customer_id_of

_TRIES = 50


class NumberTaken(ValueError):
    """A record with this number already exists; the message is a sentence for the form."""


class EditConflict(Exception):
    """Someone changed the record since the form was opened; nothing was saved."""


@dataclass(frozen=True)
class Editor:
    """The person who changes a record, and the store it belongs to."""

    store_id: int
    user_id: int
    name: str

    @classmethod
    def signed_in(cls) -> Editor:
        """Return the person who sent this request."""
        return cls(g.store.id, g.user.id, g.user.name)


@dataclass(frozen=True)
class Created:
    """A new record's id, how many automations it fired, and whether an earlier request created it."""

    id: int
    fired: int
    already: bool


@dataclass(frozen=True)
class NamedCustomer:
    """The column that names a record's customer, what adding them fired, and their id if they were added."""

    columns: dict[str, int]
    fired: int
    added: int | None = None


def create(
    kind: RecordPages,
    number: str,
    values: dict[str, Any],
    key: RequestKey | None = None,
    person: NewPerson | None = None,
) -> Created:
    """Create a record, with its customer if `person` is new, choosing a number if `number` is empty.

    Raises NumberTaken and KnownCustomer.
    """
    store_id, user_id, cause = g.store.id, g.user.id, Cause("person", g.user.name)

    def work(session: Session) -> Created:
        store = session.get_one(Store, store_id)

        def make() -> StoredAnswer:
            if number and _was_merged(session, kind, store_id, number):
                raise NumberTaken(
                    f"{number} was the number of a customer who is merged into another. Choose another one."
                )
            if number and _exists(session, kind, store_id, number):
                raise NumberTaken(
                    f"There is already {_with_article(kind.label)} {number}. Choose another number."
                )
            values_now = led_on(session, values)
            named = name_customer(session, store, person, cause, user_id)
            change = Change(number or _free_number(session, kind, store_id), values_now | named.columns)
            received = _receive(session, store, kind, change, cause)
            _note(session, kind, received, "added", store_id, user_id)
            return StoredAnswer(201, json.dumps({"id": received.id, "fired": received.fired + named.fired}))

        answer = answer_once(session, store_id, key, dt.datetime.now(dt.UTC), make)
        return Created(**json.loads(answer.body), already=answer.replayed)

    return run_in_write(work)


def form_key(token: str, values: dict[str, Any]) -> RequestKey | None:
    """Return the idempotency key of a form: its token with its content. None without a token."""
    if not token:
        return None
    same = hashlib.sha256(f"{token} {sorted(values.items())}".encode()).hexdigest()
    # Keys sent through the API have no space, so these cannot collide with them.
    return RequestKey(f"form {same}", same)


def change(
    session: Session,
    kind: RecordPages,
    record_id: int,
    revision: str,
    values: dict[str, Any],
    editor: Editor,
    action: str = "changed",
) -> Received:
    """Change a record that was last seen at `revision`, inside write(); the audit says `action`.

    Raises EditConflict.
    """
    current = session.get_one(kind.model, record_id, with_for_update=True, populate_existing=True)
    if str(current.revision) != revision:
        raise EditConflict
    store = session.get_one(Store, editor.store_id)
    before = {name: getattr(current, name, None) for name in values}
    received = _receive(session, store, kind, Change(current.number, values), Cause("person", editor.name))
    if received.revision != int(revision):
        what = audited(kind, current, store_words(), before, values)
        _note(session, kind, received, action, editor.store_id, editor.user_id, *what)
    return received


def name_customer(
    session: Session, store: Store, person: NewPerson | None, cause: Cause, user_id: int
) -> NamedCustomer:
    """Find who the customer of a record was said to be, or add them, inside write()."""
    if person is None:
        return NamedCustomer({}, 0)
    known = customer_id_of(session, store, person)
    if known is not None:
        return NamedCustomer({"customer_id": known}, 0)
    customers = KINDS["customers"]
    change = Change(_free_number(session, customers, store.id), dict(person.values))
    received = _receive(session, store, customers, change, cause)
    _note(session, customers, received, "added", store.id, user_id)
    return NamedCustomer({"customer_id": received.id}, received.fired, received.id)


def led_on(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with who the customer is now: they may be merged while somebody has them in a form.

    Until the end of the transaction nobody can merge them.
    """
    id = values.get("customer_id")
    if not id:
        return values
    held = sa.select(Customer.id).where(Customer.id == id).with_for_update(read=True, key_share=True)
    if session.scalar(held) is not None:
        return values
    return {**values, "customer_id": session.scalar(sa.select(merged_customers.now_id(id)))}


def _note(
    session: Session,
    kind: RecordPages,
    received: Received,
    action: str,
    store_id: int,
    user_id: int,
    before: Any = None,
    after: Any = None,
) -> None:
    """Audit who edited which fields."""
    about = f"{kind.label.lower()} {received.number}"
    audit.note(
        session,
        action=action,
        about=about,
        store_id=store_id,
        user_id=user_id,
        before=before,
        after=after,
    )


def _receive(session: Session, store: Store, kind: RecordPages, change: Change, cause: Cause) -> Received:
    (received,) = receive(session, store, kind.subject, [change], cause, dt.datetime.now(dt.UTC))
    return received


def _free_number(session: Session, kind: RecordPages, store_id: int) -> str:
    """Return the first free number above the newest record's, or a random one after _TRIES attempts."""
    newest = session.scalar(of_store(sa.select(kind.model.number), kind.model, store_id).limit(1)) or ""
    digits = re.search(r"([0-9]{1,15})$", newest)
    start = int(digits.group(1)) if digits else 1000
    for step in range(1, _TRIES + 1):
        number = f"{kind.prefix}{start + step}"
        if not _exists(session, kind, store_id, number) and not _was_merged(session, kind, store_id, number):
            return number
    return f"{kind.prefix}{uuid.uuid4().hex[:10]}"


def _was_merged(session: Session, kind: RecordPages, store_id: int, number: str) -> bool:
    """Return whether it is the number of a merged customer: an undo needs it, and others still send it."""
    return kind.subject == "customer" and merged_customers.is_taken(session, store_id, number)


def _exists(session: Session, kind: RecordPages, store_id: int, number: str) -> bool:
    query = sa.select(kind.model.id).where(kind.model.store_id == store_id, kind.model.number == number)
    return session.scalar(query) is not None


def _with_article(label: str) -> str:
    return f"{'an' if label[0] in 'AEIOU' else 'a'} {label.lower()}"
