"""The files that a store's emails bring along, as the Settings page keeps them."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.stored_file import NamedFile, StoredFile
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.people import User
from automations.models.tables.store import locked
from automations.models.tables.store_file import ATTACHMENT, REMOVED, StoreFile
from automations.models.tables.undo_step import UndoStep

KIND = "file removal"
MOST = 30
#: Emails under way and the mailbox keep a file that was replaced or removed; more than these nobody keeps.
_MOST_REMOVED = 20
_COLUMNS = (StoreFile.id, StoreFile.name, StoreFile.type, StoreFile.size)


class TooMany(Exception):
    """The store has as many files as it may have; `str(error)` is a sentence."""


def files(session: Session, store_id: int) -> list[NamedFile]:
    """Return the files that emails can bring along, by name."""
    query = sa.select(*_COLUMNS).where(*_of(store_id)).order_by(StoreFile.name, StoreFile.id)
    return [NamedFile(*row) for row in session.execute(query)]


def named(session: Session, store_id: int, name: str) -> NamedFile | None:
    """Return the file of a name; None if the store has none."""
    row = session.execute(sa.select(*_COLUMNS).where(*_of(store_id), StoreFile.name == name)).first()
    return NamedFile(*row) if row else None


def save(session: Session, store_id: int, user: User, file: StoredFile, now: dt.datetime) -> bool:
    """Keep a file, inside write(); return whether it takes the place of one of its name. Raises TooMany."""
    locked(session, store_id)
    before = named(session, store_id, file.name)
    if before is None and len(files(session, store_id)) >= MOST:
        raise TooMany(f"There are {MOST} files, which is the limit. Remove one first.")
    if before is not None:
        _take_out(session, store_id, before.id)
    row = StoreFile(store_id=store_id, purpose=ATTACHMENT, name=file.name, type=file.type, created_by=user.id)
    row.size, row.content, row.created_at = len(file.content), file.content, now
    session.add(row)
    _note(session, store_id, user, "replaced" if before else "added", file.name)
    return before is not None


def remove(session: Session, store_id: int, user: User, id: int) -> UndoStep | None:
    """Take a file out, inside write(); return what takes it back, or None if it is gone already."""
    locked(session, store_id)
    name = session.scalar(sa.select(StoreFile.name).where(*_of(store_id), StoreFile.id == id))
    if name is None:
        return None
    _take_out(session, store_id, id)
    _note(session, store_id, user, "removed", name)
    return undo_steps.remember(session, KIND, user, store_id, id, None)


def put_back(session: Session, step: UndoStep, user: User) -> str:
    """Attach a removed file again, inside write(); return its name. Raises CannotUndo."""
    locked(session, step.store_id)
    row = session.get(StoreFile, step.about_id)
    if row is None or row.purpose != REMOVED:
        raise CannotUndo("The file is no longer kept, so it cannot be put back. Add it again.")
    if named(session, step.store_id, row.name) or len(files(session, step.store_id)) >= MOST:
        raise CannotUndo(f"Other files were added in the meantime, so “{row.name}” has no place.")
    row.purpose = ATTACHMENT
    _note(session, step.store_id, user, "put back", row.name)
    return row.name


def _of(store_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return StoreFile.store_id == store_id, StoreFile.purpose == ATTACHMENT


def _take_out(session: Session, store_id: int, id: int) -> None:
    session.execute(sa.update(StoreFile).where(StoreFile.id == id).values(purpose=REMOVED))
    removed = sa.and_(StoreFile.store_id == store_id, StoreFile.purpose == REMOVED)
    newest = sa.select(StoreFile.id).where(removed).order_by(StoreFile.id.desc()).limit(_MOST_REMOVED)
    session.execute(sa.delete(StoreFile).where(removed, StoreFile.id.not_in(newest)))


def _note(session: Session, store_id: int, user: User, action: str, name: str) -> None:
    audit.note(session, action=action, about=f"file “{name}”", store_id=store_id, user_id=user.id)
