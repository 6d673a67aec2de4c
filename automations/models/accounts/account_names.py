"""The accounts of a store: the list for a form, the look-up by a typed name, and changes."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.db.text_search import contains, equals
from automations.models.tables.customer import Account
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep

KIND = "account_name"

#: A database refuses a pattern that is much longer.
LONGEST_TEXT = 200


class NameTaken(ValueError):
    """Another account of the store has the name; the message is a sentence for the form."""


def count(session: Session, store_id: int) -> int:
    """Return the number of accounts of the store."""
    return session.scalar(sa.select(sa.func.count()).where(Account.store_id == store_id)) or 0


def search(session: Session, store_id: int, text: str = "", limit: int = 50) -> list[tuple[str, str]]:
    """Return (id as text, name) of at most `limit` accounts whose name contains `text`, sorted by name."""
    query = sa.select(Account.id, Account.name).where(Account.store_id == store_id)
    if text.strip():
        query = query.where(contains(Account.name, text.strip()[:LONGEST_TEXT]))
    rows = session.execute(query.order_by(sa.func.lower(Account.name)).limit(limit))
    return [(str(id), name) for id, name in rows]


def find_id(session: Session, store_id: int, name: str) -> str | None:
    """Return the id of the account with this name, or of the only one whose name contains it; else None."""
    account_id = id_of(session, store_id, name)
    if account_id is not None:
        return str(account_id)
    matches = search(session, store_id, name, limit=2) if name.strip() else []
    return matches[0][0] if len(matches) == 1 else None


def id_of(session: Session, store_id: int, name: str) -> int | None:
    """Return the id of the account with this name, best in the same case; None if there is none."""
    name = name.strip()[:LONGEST_TEXT]
    same_name = sa.select(Account.id).where(Account.store_id == store_id, equals(Account.name, name))
    return session.scalar(same_name.order_by(Account.name != name, Account.id).limit(1))


def add(session: Session, store_id: int, name: str, user_id: int) -> int | None:
    """Add an account, inside write(). Return its id, or None if the name is taken."""
    if _taken(session, store_id, name):
        return None
    account = Account(store_id=store_id, name=name, created_at=dt.datetime.now(dt.UTC))
    session.add(account)
    session.flush()
    audit.note(session, action="added", about=f"account “{name}”", store_id=store_id, user_id=user_id)
    return account.id


def rename(
    session: Session, store_id: int, account_id: int, name: str, user_id: int, action: str = "renamed"
) -> UndoStep | None:
    """Rename an account, inside write(); return what takes it back, None if it was called so already.

    Rules refer to it by id. The audit says `action`. Raises NameTaken.
    """
    account = session.get_one(Account, account_id, with_for_update=True, populate_existing=True)
    before = account.name
    if before == name:
        return None
    if _taken(session, store_id, name, but=account_id):
        raise NameTaken(f"There is already an account “{name}”.")
    account.name = name
    row = audit.note(session, action=action, about=f"account “{before}”", before=before, after=name)
    row.store_id, row.user_id = store_id, user_id
    user = session.get_one(User, user_id)
    return undo_steps.remember(session, KIND, user, store_id, account_id, before, name)


def name_back(session: Session, step: UndoStep, user: User) -> str:
    """Give an account the name it had before it was renamed, inside write(); return it. Raises CannotUndo."""
    account = session.get_one(Account, step.about_id, with_for_update=True, populate_existing=True)
    if account.name != step.after:
        raise CannotUndo(f"This account was renamed to “{account.name}” in the meantime.")
    name: str = step.before
    try:
        rename(session, step.store_id, account.id, name, user.id, "undid renaming")
    except NameTaken as taken:
        raise CannotUndo(f"Nothing was undone: another account is called “{name}” now.") from taken
    return name


def _taken(session: Session, store_id: int, name: str, but: int = 0) -> bool:
    is_other = sa.and_(Account.store_id == store_id, Account.id != but)
    others = sa.select(Account.id).where(is_other, equals(Account.name, name))
    return session.scalar(others.limit(1)) is not None
