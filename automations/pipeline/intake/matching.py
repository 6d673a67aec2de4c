"""Matches the customers and accounts of a batch in a few queries, and creates those that are new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.db import text_search
from automations.models.db.base import overtaken
from automations.models.db.numbering import next_numbers
from automations.models.tables.store import Store
from automations.pipeline.intake import phone_matching
from automations.pipeline.records.change import Change, Received, Sender
from automations.pipeline.records.record_kinds import ACCOUNT_TABLE, CHUNK, CUSTOMER_TABLE, KINDS

Person = Mapping[str, Any]
_NAME = {"number"}


def numbers_of(
    session: Session, store: Store, people: Sequence[Person], own: Sequence[str | None]
) -> list[str]:
    """Return the customer number of each person: the one sent, else by email, `own`, by phone, or a new one.

    Call it inside write(). People with the same email, or phone and name, in one batch are one customer.
    """
    numbers = known_numbers(session, store, people, own)
    nameless = [place for place, number in enumerate(numbers) if number is None]
    if nameless:
        _name(session, store, people, numbers, nameless)
    return [number for number in numbers if number is not None]


def known_numbers(
    session: Session, store: Store, people: Sequence[Person], own: Sequence[str | None]
) -> list[str | None]:
    """Return the same for those whose number is known already, and None for the others. It only reads."""
    emails = [_email(person) for person in people]
    numbers_by_email = _by_email(session, store, {email for email in emails if email})
    numbers = [
        person.get("number") or numbers_by_email.get(email) or (None if email else before)
        for person, email, before in zip(people, emails, own, strict=True)
    ]
    if store.has_merged_customers:
        sent = {str(person["number"]) for person in people if person.get("number")}
        led_on = merged_customers.now_called(session, store.id, sent)
        numbers = [led_on.get(number or "", number) for number in numbers]
    _by_their_phones(session, store, people, numbers)
    return numbers


def refuse_merged(session: Session, store: Store, received: Sequence[Received]) -> None:
    """Have the work run again if one of these customers was merged into another after its number was read.

    What names them then finds who they are now. SQLite has one writer, which nothing overtakes.
    """
    created = [one.number for one in received if one.created]
    if not created or session.get_bind().dialect.name == "sqlite":
        return
    if merged_customers.now_called(session, store.id, created):
        raise overtaken("A customer was merged while a record that names them came in.")


def change_of(number: str, person: Person, sender: Sender | None = None) -> Change:
    """Return the change a person's parts make. An email keeps its first spelling."""
    values = {name: value for name, value in person.items() if name != "number"}
    if _email(person):
        return Change(number, values, when_empty={"email": values.pop("email")}, sender=sender)
    return Change(number, values, sender=sender)


def changes_of(
    numbers: Sequence[str], people: Sequence[Person], senders: Sequence[Sender | None]
) -> list[Change]:
    """Return the changes of the customers; one who is only named by number again gets no second change."""
    changes: dict[object, Change] = {}
    for place, (number, person, sender) in enumerate(zip(numbers, people, senders, strict=True)):
        only_named = is_only_named(person)
        if not only_named or number not in changes:
            changes[number if only_named else place] = change_of(number, person, sender)
    return list(changes.values())


def is_only_named(person: Person) -> bool:
    """Return whether a person is named by number, and nothing is said about them."""
    return person.keys() <= _NAME


def own_numbers(session: Session, store: Store, subject: str, numbers: Collection[str]) -> dict[str, str]:
    """Return, by record number, the number of the customer the record already has."""
    table = KINDS[subject].table
    query = (
        sa.select(table.c.number, CUSTOMER_TABLE.c.number)
        .join(CUSTOMER_TABLE, CUSTOMER_TABLE.c.id == table.c.customer_id)
        .where(table.c.store_id == store.id, table.c.number.in_(numbers))
    )
    return dict(session.execute(query).all())


def account_ids(session: Session, store: Store, names: Collection[str], now: dt.datetime) -> dict[str, int]:
    """Return account ids by name; new names become accounts."""
    table = ACCOUNT_TABLE
    wanted = sa.select(table.c.name, table.c.id).where(table.c.store_id == store.id, table.c.name.in_(names))
    ids = dict(session.execute(wanted).all())
    missing = sorted(set(names) - ids.keys())
    if missing:
        rows = [{"store_id": store.id, "name": name, "created_at": now} for name in missing]
        session.execute(sa.insert(table), rows)
        ids |= session.execute(wanted).all()
    return ids


def _by_their_phones(
    session: Session, store: Store, people: Sequence[Person], numbers: list[str | None]
) -> None:
    """Give those who have no number yet the one that their phone says."""
    left = [place for place, number in enumerate(numbers) if number is None]
    phones = {place: phone_matching.phone_of(store, people[place]) for place in left}
    places = [place for place in left if phones[place]]
    if places:
        asked = [people[place] for place in places], [phones[place] for place in places]
        for place, number in zip(places, phone_matching.by_phone(session, store, *asked), strict=True):
            numbers[place] = number


def _name(
    session: Session,
    store: Store,
    people: Sequence[Person],
    numbers: list[str | None],
    places: Sequence[int],
) -> None:
    """Give new numbers to the people at these places; the same email, or phone and name, is one person."""
    emails = {place: _email(people[place]) for place in places}
    same = {place: emails[place] or phone_matching.same(store, people[place]) for place in places}
    firsts = {same[place] or place: place for place in reversed(places)}
    new_numbers = dict(
        zip(sorted(firsts.values()), next_numbers(session, store.id, "customer", len(firsts)), strict=True)
    )
    # A transaction that created the same customer held the numbering until its commit: look once more.
    numbers_by_email = _by_email(session, store, set(emails.values()) - {""})
    for place in places:
        numbers[place] = numbers_by_email.get(emails[place])
    _by_their_phones(session, store, people, numbers)
    for place in places:
        numbers[place] = numbers[place] or new_numbers[firsts[same[place] or place]]


def _email(person: Person) -> str:
    """Return the email to search by, in lower case; "" if a number identifies the person."""
    return "" if person.get("number") else str(person.get("email") or "").strip().lower()


def _by_email(session: Session, store: Store, emails: Collection[str]) -> dict[str, str]:
    """Return, by email in lower case, the number of the customer who had it first."""
    numbers: dict[str, str] = {}
    if not emails:
        return numbers
    email = sa.func.lower(CUSTOMER_TABLE.c.email)
    wanted = sorted(emails)
    for start in range(0, len(wanted), CHUNK):
        in_chunk = _spelled_as(email, wanted[start : start + CHUNK])
        query = sa.select(email, CUSTOMER_TABLE.c.number).where(
            CUSTOMER_TABLE.c.store_id == store.id, in_chunk
        )
        for address, number in session.execute(query.order_by(CUSTOMER_TABLE.c.id)):
            numbers.setdefault(address.lower(), number)
    if store.has_merged_customers:
        numbers = merged_customers.by_email(session, store.id, emails) | numbers
    return numbers


def _spelled_as(email: sa.ColumnElement[str], wanted: Sequence[str]) -> sa.ColumnElement[bool]:
    # A database's lower() may leave É as it is. Comparing in any case uses no index, so only for those.
    others = [address for address in wanted if not address.isascii()]
    return sa.or_(email.in_(wanted), *(text_search.equals(email, address) for address in others))
