"""Remembers what a person did, so that they can take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.base import Base
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep

Row = TypeVar("Row", bound=Base)

#: The kind of a step that holds what a record said, which may be a person's: erasing a customer empties it.
RECORD_EDIT = "record_edit"
#: A change can be taken back so long: later everything has gone on.
KEPT_FOR = dt.timedelta(days=1)


class CannotUndo(Exception):
    """It is not as the change left it, so nothing was changed; `str(error)` is a sentence."""


def remember(
    session: Session,
    kind: str,
    user: User,
    store_id: int,
    about_id: int,
    before: Any,
    after: Any = None,
    save: tuple[str | None, int] = (None, 0),
) -> UndoStep:
    """Write down what was there before a change, inside write(); `after` is what it must be to be undone.

    `save` is the token of a sitting and the number of its save.
    """
    now = dt.datetime.now(dt.UTC)
    step = UndoStep(store_id=store_id, user_id=user.id, kind=kind, about_id=about_id)
    step.before, step.after = before, after
    step.token, step.save_number = save
    step.created_at = step.updated_at = now
    session.add(step)
    session.flush()
    return step


def row_data(row: Base) -> dict[str, Any]:
    """Return all columns of a row as plain data, for `row_from`."""
    values = {column.key: getattr(row, column.key) for column in sa.inspect(type(row)).column_attrs}
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()
    }


def row_from(model: type[Row], data: Mapping[str, Any]) -> Row:
    """Return a row as it was when `row_data` read it, under the same id; it is not added to the session."""
    row = model()
    for name, value in data.items():
        column_type = model.__table__.columns[name].type
        kind = getattr(column_type, "impl_instance", column_type).python_type
        is_time = value is not None and issubclass(kind, dt.date)
        setattr(row, name, kind.fromisoformat(value) if is_time else value)
    return row


def begin_undo(session: Session, step_id: int, now: dt.datetime) -> UndoStep:
    """Return the step, locked and marked as undone, inside write(). Raises CannotUndo."""
    step = session.get(UndoStep, step_id, with_for_update=True, populate_existing=True)
    if step is None or now - step.updated_at > KEPT_FOR:
        raise CannotUndo("This is too long ago to be undone.")
    if step.undone_at:
        raise CannotUndo("This was undone already.")
    step.undone_at = now
    return step


def forget_old(session: Session, now: dt.datetime) -> int:
    """Delete what can no longer be taken back, inside write(); return how many."""
    old = sa.delete(UndoStep).where(UndoStep.updated_at < now - KEPT_FOR)
    deleted = session.execute(old, execution_options={"synchronize_session": False})
    return int(getattr(deleted, "rowcount", 0))
