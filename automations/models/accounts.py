"""The accounts of a store, by name: for the list of a form, and for what a person types into it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.customer import Account


def count(session: Session, store_id: int) -> int:
    """How many accounts the store has."""
    return session.scalar(sa.select(sa.func.count()).where(Account.store_id == store_id)) or 0


def named(session: Session, store_id: int, text: str = "", limit: int = 50) -> list[tuple[str, str]]:
    """(id, name) of the accounts whose name has `text`, by name; ids as plain text."""
    query = sa.select(Account.id, Account.name).where(Account.store_id == store_id)
    if text.strip():
        query = query.where(Account.name.icontains(text.strip(), autoescape=True))
    rows = session.execute(query.order_by(sa.func.lower(Account.name)).limit(limit))
    return [(str(id), name) for id, name in rows]


def id_of(session: Session, store_id: int, name: str) -> str | None:
    """The id of the account of this name, or of the only one whose name has it; None where neither is."""
    exact = sa.select(Account.id).where(
        Account.store_id == store_id, sa.func.lower(Account.name) == name.strip().lower()
    )
    found = session.scalar(exact.limit(1))
    if found is not None:
        return str(found)
    near = named(session, store_id, name, limit=2) if name.strip() else []
    return near[0][0] if len(near) == 1 else None
