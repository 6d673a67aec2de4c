"""Takes the records of a request: matches customers and accounts, gives numbers, hands them to receive.

Before: reading. After: receive. All inside the caller's one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from automations.models.db.numbering import next_numbers
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.intake import matching as people
from automations.pipeline.intake.late_messages import receive_newer
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause, Change, Received, SourceMessage
from automations.pipeline.records.record_kinds import Peers

SOURCE = "api"


def take(
    session: Session,
    store: Store,
    subject: str,
    items: Sequence[Item],
    cause: Cause,
    now: dt.datetime,
    words: StoreWords,
    message: SourceMessage | None = None,
) -> list[Received]:
    """Create or update the records of `items`, inside write(); return the result of each, in their order.

    `message` is what brought them, if it says how old it is: it changes nothing that a later one has said.
    """
    # The ids written into the items must not outlive a transaction that is rolled back and tried again.
    items = [item.copy() for item in items]
    _find_accounts(session, store, items, now)
    if subject == "customer":
        changes = _customers(session, store, items)
        results = receive_newer(session, store, subject, changes, cause, now, words, None, message)
        people.refuse_merged(session, store, results)
        return results
    customers = _find_customers(session, store, subject, items, cause, now, words, message)
    _number(session, store, subject, items)
    start = _start(subject, words, cause)
    changes = [Change(item.number or "", item.values, start, sender=item.sender) for item in items]
    return receive_newer(session, store, subject, changes, cause, now, words, customers, message)


def _find_accounts(session: Session, store: Store, items: Sequence[Item], now: dt.datetime) -> None:
    names = {item.account for item in items if item.account}
    if not names:
        return
    ids = people.account_ids(session, store, names, now)
    for item in items:
        if item.account:
            item.values["account_id"] = ids[item.account]


def _customers(session: Session, store: Store, items: Sequence[Item]) -> list[Change]:
    persons = [{**item.values, "number": item.number} for item in items]
    numbers = people.numbers_of(session, store, persons, [None] * len(items))
    return [
        people.change_of(number, person, item.sender)
        for number, person, item in zip(numbers, persons, items, strict=True)
    ]


def _find_customers(
    session: Session,
    store: Store,
    subject: str,
    items: Sequence[Item],
    cause: Cause,
    now: dt.datetime,
    words: StoreWords,
    message: SourceMessage | None,
) -> Peers:
    """Receive the customers of the items, with the same cause, before the records that name them.

    Return their rows by id.
    """
    owners = [item for item in items if item.customer]
    if not owners:
        return {}
    persons = [item.customer or {} for item in owners]
    unclear = {item.number for item in owners if item.number and not _says_who(item)}
    own = people.own_numbers(session, store, subject, unclear) if unclear else {}
    before = [own.get(item.number or "") for item in owners]
    numbers = people.numbers_of(session, store, persons, before)
    changes = people.changes_of(numbers, persons, [item.sender for item in owners])
    received = receive_newer(session, store, "customer", changes, cause, now, words, None, message)
    people.refuse_merged(session, store, received)
    ids = {customer.number: customer.id for customer in received}
    for item, number in zip(owners, numbers, strict=True):
        item.values["customer_id"] = ids[number]
    return {customer.id: customer.row for customer in received}


def _says_who(item: Item) -> bool:
    person = item.customer or {}
    return bool(person.get("number") or person.get("email"))


def _number(session: Session, store: Store, subject: str, items: Sequence[Item]) -> None:
    nameless = [item for item in items if item.number is None]
    if not nameless:
        return
    numbers = next_numbers(session, store.id, subject, len(nameless))
    for item, number in zip(nameless, numbers, strict=True):
        item.number = number


def _start(subject: str, words: StoreWords, cause: Cause) -> dict[str, str]:
    """Return what a new record is unless it says otherwise. A file did not come in by the API."""
    if subject == "order" and cause.kind != "import" and words.key_for("source", SOURCE) is not None:
        return {"source": SOURCE}
    return {}
