"""Filters of the log that people named: their own, and those that others of the store shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.engine.wording.name_problems import name_problem
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.people import User
from automations.models.tables.saved_filter import SavedFilter
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep

LONGEST_NAME = 60
#: Filters that one person may keep in one store.
MOST = 50
_TAKEN = "You have a filter called “{}” already."
_FULL = f"You have {MOST} filters already. Remove one first."
KIND = "saved filter"
_EMPTY = "There is nothing to save: no filter is set."


class FilterRefused(ValueError):
    """The filter cannot be saved; `str(error)` is a sentence."""


def filters_of(session: Session, store_id: int, user_id: int) -> list[SavedFilter]:
    """Return a person's own filters and the shared ones of others, by name."""
    visible = sa.or_(SavedFilter.user_id == user_id, SavedFilter.shared)
    query = sa.select(SavedFilter).where(SavedFilter.store_id == store_id, visible)
    query = query.order_by(sa.func.lower(SavedFilter.name), SavedFilter.id)
    return list(session.scalars(query.options(joinedload(SavedFilter.user))))


def save(
    session: Session,
    store: Store,
    user: User,
    name: str,
    arguments: Mapping[str, str],
    shared: bool,
    now: dt.datetime,
) -> SavedFilter:
    """Save the arguments of an address under a name, inside write(). Raises FilterRefused."""
    if not arguments:
        raise FilterRefused(_EMPTY)
    own = sa.and_(SavedFilter.store_id == store.id, SavedFilter.user_id == user.id)
    if (session.scalar(sa.select(sa.func.count()).where(own)) or 0) >= MOST:
        raise FilterRefused(_FULL)
    saved = SavedFilter(store_id=store.id, user_id=user.id, arguments=dict(arguments), created_at=now)
    _change(session, saved, name, shared)
    session.add(saved)
    session.flush()
    _note(session, saved, user, "saved")
    return saved


def change(session: Session, saved: SavedFilter, user: User, name: str, shared: bool) -> None:
    """Rename a filter, share it or keep it to oneself, inside write(). Raises FilterRefused."""
    before = saved.name
    _change(session, saved, name, shared)
    session.flush()
    now = dt.datetime.now(dt.UTC)
    audit.note_name(session, "the filter", before, saved.name, saved.store_id, user.id, now)
    _note(session, saved, user, "changed")


def remove(session: Session, saved: SavedFilter, user: User) -> UndoStep:
    """Remove a filter, inside write(); return what takes it back."""
    _note(session, saved, user, "removed")
    before = undo_steps.row_data(saved)
    session.delete(saved)
    return undo_steps.remember(session, KIND, user, saved.store_id, saved.id, before)


def put_back(session: Session, step: UndoStep, user: User) -> SavedFilter:
    """Put a removed filter back, inside write(). Raises CannotUndo if its name is another one's by now."""
    saved = undo_steps.row_from(SavedFilter, step.before)
    try:
        _change(session, saved, saved.name, saved.shared)
    except FilterRefused as problem:
        raise CannotUndo(str(problem)) from problem
    session.add(saved)
    session.flush()
    _note(session, saved, user, "put back")
    return saved


def _change(session: Session, saved: SavedFilter, name: str, shared: bool) -> None:
    name = " ".join(name.split())
    if problem := name_problem(name, LONGEST_NAME, "the filter"):
        raise FilterRefused(problem)
    own = sa.and_(SavedFilter.store_id == saved.store_id, SavedFilter.user_id == saved.user_id)
    # Two at once with one name: the second is refused by the constraint, and its transaction runs again.
    query = sa.select(SavedFilter.id).where(own, sa.func.lower(SavedFilter.name) == name.lower())
    with session.no_autoflush:
        others = [id for id in session.scalars(query) if id != saved.id]
    if others:
        raise FilterRefused(_TAKEN.format(name))
    saved.name, saved.shared = name, shared


def _note(session: Session, saved: SavedFilter, user: User, action: str) -> None:
    about, after = f"the filter “{saved.name}” of the log", {"shared": saved.shared}
    audit.note(session, action=action, about=about, after=after, store_id=saved.store_id, user_id=user.id)
