"""The accounts of a store, by name: for the list of a form, and for what a person types into it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models import audit
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


def add(session: Session, store_id: int, name: str, user_id: int) -> int | None:
    """A new account, inside write(): its id, or None where the name is taken."""
    if _taken(session, store_id, name):
        return None
    made = Account(store_id=store_id, name=name, created_at=dt.datetime.now(dt.UTC))
    session.add(made)
    session.flush()
    audit.note(session, action="added", about=f"account “{name}”", store_id=store_id, user_id=user_id)
    return made.id


def rename(session: Session, store_id: int, account_id: int, name: str, user_id: int) -> bool:
    """Another name, inside write(); False where it is taken. Rules hold the id and keep their meaning."""
    if _taken(session, store_id, name, but=account_id):
        return False
    account = session.get_one(Account, account_id)
    before, account.name = account.name, name
    if before != name:
        row = audit.note(session, action="renamed", about=f"account “{before}”", before=before, after=name)
        row.store_id, row.user_id = store_id, user_id
    return True


def _taken(session: Session, store_id: int, name: str, but: int = 0) -> bool:
    # SQLite's lower() leaves letters such as É alone.
    same = sa.or_(Account.name == name, sa.func.lower(Account.name) == name.lower())
    found = sa.select(Account.id).where(Account.store_id == store_id, Account.id != but, same)
    return session.scalar(found.limit(1)) is not None
