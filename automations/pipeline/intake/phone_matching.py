"""Finds customers by their phone, where nothing stronger says who they are.

A phone is weaker than a number or an email: families, offices and receptions share one. So it decides only
where exactly one customer has it who may be this person by name, and by email. A phone that more than MOST
customers have, such as that of a hotel, says nothing about any of them, and none of them is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.db.text_search import folded
from automations.models.tables.store import Store
from automations.pipeline.records.phone_keys import key_of
from automations.pipeline.records.record_kinds import CHUNK, CUSTOMER_TABLE

Person = Mapping[str, Any]
#: So many customers may share a phone.
MOST = 50


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
    known = _known(session, store, _spellings(store, people, phones))
    return [
        _chosen(person, known.get(phone, [])) if phone else None
        for person, phone in zip(people, phones, strict=True)
    ]


def _spellings(store: Store, people: Sequence[Person], phones: Sequence[str]) -> dict[str, str]:
    """Return the phones, and what is kept of them for customers that are not renewed since the store was in
    another country, each with the phone it stands for.
    """
    kept = {
        key: phone
        for person, phone in zip(people, phones, strict=True)
        for region in store.phone_regions or ()
        if phone and (key := key_of(str(person.get("phone") or ""), region))
    }
    return kept | {phone: phone for phone in phones if phone}


def _known(session: Session, store: Store, kept: Mapping[str, str]) -> dict[str, list[Person]]:
    """Return, by phone, the customers who have it, or had it before they were merged."""
    known: dict[str, dict[str, Person]] = {}
    wanted = sorted(kept)
    for start in range(0, len(wanted), CHUNK):
        for row in _rows(session, store, wanted[start : start + CHUNK]):
            # What is kept may be of the country before: then the number itself says.
            is_old = bool(store.phone_regions) and row["phone"] is not None
            phone = key_of(row["phone"], store.region) if is_old else kept[row["phone_key"]]
            known.setdefault(phone, {}).setdefault(row["number"], row)
    return {phone: [*people.values()][: MOST + 1] for phone, people in known.items()}


def _rows(session: Session, store: Store, phones: Sequence[str]) -> list[Person]:
    """Return the customers with these phones: of each phone all, or more than MOST of them."""
    table = CUSTOMER_TABLE.c
    columns = (table.number, table.first_name, table.last_name, table.email)
    of_store = sa.select(*columns, table.phone, table.phone_key).where(table.store_id == store.id)
    queries = [of_store.order_by(table.phone_key, table.id)]
    if store.has_merged_customers:
        unknown = sa.null().label("phone")
        queries.append(merged_customers.had_phones(store.id, (*columns, unknown)))
    keys = (table.phone_key, merged_customers.PHONE)
    return [
        dict(row)
        for query, key in zip(queries, keys, strict=False)
        for row in _of_phones(session, query, key, phones)
    ]


def _of_phones(session: Session, query: sa.Select[Any], key: Any, phones: Sequence[str]) -> Sequence[Any]:
    usual = 4 * len(phones) + MOST + 1
    rows = session.execute(query.where(key.in_(phones)).limit(usual)).mappings().all()
    if len(rows) < usual or len(phones) == 1:
        return rows
    # Some of them are shared by many: each is asked for by itself.
    each = (session.execute(query.where(key == phone).limit(MOST + 1)).mappings() for phone in phones)
    return [row for found in each for row in found]


def _chosen(person: Person, rows: Sequence[Person]) -> str | None:
    if len(rows) > MOST:
        return None
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
