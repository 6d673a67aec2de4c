"""Finds customers by their phone, where nothing stronger says who they are.

A phone is weaker than a number or an email: families, offices and receptions share one. So it decides only
where exactly one customer has it who may be this person by name, and by email.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.db.text_search import folded
from automations.models.tables.store import Store
from automations.pipeline.records.phone_keys import key_of
from automations.pipeline.records.record_kinds import CHUNK, CUSTOMER_TABLE

Person = Mapping[str, Any]


def phone_of(store: Store, person: Person) -> str:
    """Return the phone to search by; "" if a number identifies the person."""
    return "" if person.get("number") else key_of(str(person.get("phone") or ""), store.region)


def name_of(person: Person) -> tuple[str, str]:
    """Return first and last name, comparable."""
    first, last = (
        " ".join(folded(str(person.get(name) or "")).split()) for name in ("first_name", "last_name")
    )
    return first, last


def same(store: Store, person: Person) -> str:
    """Return a text that is equal for people of one batch who are the same by phone and name; "" without."""
    phone = phone_of(store, person)
    first, last = name_of(person)
    return f"{phone} {first} {last}" if phone and (first or last) else phone


def by_phone(
    session: Session, store: Store, people: Sequence[Person], phones: Sequence[str]
) -> list[str | None]:
    """Return for each person the number of the customer their phone says they are, or None."""
    known = _known(session, store, {phone for phone in phones if phone})
    return [
        _chosen(person, known.get(phone, [])) if phone else None
        for person, phone in zip(people, phones, strict=True)
    ]


def _known(session: Session, store: Store, phones: Collection[str]) -> dict[str, list[Person]]:
    """Return, by phone, the customers who have it, or had it before they were merged."""
    known: dict[str, dict[str, Person]] = {}
    wanted, table = sorted(phones), CUSTOMER_TABLE.c
    columns = (table.number, table.first_name, table.last_name, table.email)
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        of_store = sa.select(*columns, table.phone_key).where(table.store_id == store.id)
        rows = list(session.execute(of_store.where(table.phone_key.in_(some)).order_by(table.id)))
        if store.has_merged_customers:
            rows += session.execute(merged_customers.had_phones(store.id, columns, some)).all()
        for number, first_name, last_name, email, phone in rows:
            person = {"number": number, "first_name": first_name, "last_name": last_name, "email": email}
            known.setdefault(phone, {}).setdefault(number, person)
    return {phone: list(people.values()) for phone, people in known.items()}


def _chosen(person: Person, rows: Sequence[Person]) -> str | None:
    fits = [row["number"] for row in rows if _may_be(person, row, alone=len(rows) == 1)]
    return fits[0] if len(fits) == 1 else None


def _may_be(person: Person, row: Person, alone: bool) -> bool:
    """Return whether a person with the same phone may be this customer."""
    if person.get("email") and row["email"]:
        # Both have an email, and it was not the same: two people with one phone.
        return False
    said, known = name_of(person), name_of(row)
    if not any(said) or not any(known):
        return alone
    if said[1] != known[1]:
        return False
    return said[0] == known[0] or not said[0] or not known[0]
