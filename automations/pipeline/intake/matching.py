"""Which customers and accounts a batch means: found in a few queries, made where they do not exist yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.numbering import next_numbers
from automations.models.tables.store import Store
from automations.pipeline.records.change import Change
from automations.pipeline.records.record_kinds import ACCOUNT_TABLE, CHUNK, CUSTOMER_TABLE, KINDS

Person = Mapping[str, Any]
_NAME = {"number"}


def numbers_of(
    session: Session, store: Store, people: Sequence[Person], own: Sequence[str | None]
) -> list[str]:
    """The customer number of each person: the given one, else by email, else `own`, else a new one.

    Call it inside write(). People with the same email in one batch are one customer.
    """
    emails = [_email(person) for person in people]
    known = _by_email(session, store.id, {email for email in emails if email})
    found = [
        person.get("number") or known.get(email) or (None if email else before)
        for person, email, before in zip(people, emails, own, strict=True)
    ]
    nameless = [place for place, number in enumerate(found) if number is None]
    if nameless:
        _name(session, store, found, emails, nameless)
    return [number for number in found if number is not None]


def change_of(number: str, person: Person) -> Change:
    """What the given parts change. An email that only said who it is stays as the customer wrote it first."""
    values = {name: value for name, value in person.items() if name != "number"}
    if _email(person):
        return Change(number, values, {"email": values.pop("email")})
    return Change(number, values)


def changes_of(numbers: Sequence[str], people: Sequence[Person]) -> list[Change]:
    """The changes of customers; who is only named again needs no second one."""
    changes: dict[object, Change] = {}
    for place, (number, person) in enumerate(zip(numbers, people, strict=True)):
        only_named = person.keys() <= _NAME
        if not only_named or number not in changes:
            changes[number if only_named else place] = change_of(number, person)
    return list(changes.values())


def own_numbers(session: Session, store: Store, subject: str, numbers: Collection[str]) -> dict[str, str]:
    """Record number -> number of the customer it already has."""
    table = KINDS[subject].table
    query = (
        sa.select(table.c.number, CUSTOMER_TABLE.c.number)
        .join(CUSTOMER_TABLE, CUSTOMER_TABLE.c.id == table.c.customer_id)
        .where(table.c.store_id == store.id, table.c.number.in_(numbers))
    )
    return dict(session.execute(query).all())


def account_ids(session: Session, store: Store, names: Collection[str], now: dt.datetime) -> dict[str, int]:
    """Account name -> id; new names become accounts."""
    table = ACCOUNT_TABLE
    wanted = sa.select(table.c.name, table.c.id).where(table.c.store_id == store.id, table.c.name.in_(names))
    found = dict(session.execute(wanted).all())
    missing = sorted(set(names) - found.keys())
    if missing:
        rows = [{"store_id": store.id, "name": name, "created_at": now} for name in missing]
        session.execute(sa.insert(table), rows)
        found |= session.execute(wanted).all()
    return found


def _name(
    session: Session, store: Store, found: list[str | None], emails: Sequence[str], places: list[int]
) -> None:
    """New numbers for those who have none."""
    firsts = {emails[place] or place: place for place in reversed(places)}
    new = dict(
        zip(sorted(firsts.values()), next_numbers(session, store.id, "customer", len(firsts)), strict=True)
    )
    # Whoever made the same customer a moment ago held the numbering until the commit: look once more.
    known = _by_email(session, store.id, {emails[place] for place in places} - {""})
    for place in places:
        found[place] = known.get(emails[place]) or new[firsts[emails[place] or place]]


def _email(person: Person) -> str:
    """The email to search by: none where a number says who it is."""
    return "" if person.get("number") else str(person.get("email") or "").strip().lower()


def _by_email(session: Session, store_id: int, emails: Collection[str]) -> dict[str, str]:
    """Email in lower case -> number of the customer who had it first."""
    found: dict[str, str] = {}
    if not emails:
        return found
    email = sa.func.lower(CUSTOMER_TABLE.c.email)
    wanted = sorted(emails)
    for start in range(0, len(wanted), CHUNK):
        some = email.in_(wanted[start : start + CHUNK])
        query = sa.select(email, CUSTOMER_TABLE.c.number).where(CUSTOMER_TABLE.c.store_id == store_id, some)
        for address, number in session.execute(query.order_by(CUSTOMER_TABLE.c.id)):
            found.setdefault(address, number)
    return found
