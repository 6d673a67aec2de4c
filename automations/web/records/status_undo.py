"""Changes the statuses of a record in a way that can be taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from automations.models.access import undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.db.base import run_in_write
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.records.change import Received
from automations.web.records import record_saving
from automations.web.records.kind_pages import BY_SUBJECT, Record, RecordPages
from automations.web.records.record_saving import EditConflict, Editor

KIND = "statuses"


def change(
    kind: RecordPages, record: Record, revision: str, values: dict[str, str]
) -> tuple[Received, int | None]:
    """Change statuses; return what came of it and the id of what takes it back. Raises EditConflict."""
    record_id, editor = record.id, Editor.signed_in()

    def work(session: Session) -> tuple[Received, int | None]:
        current = session.get_one(kind.model, record_id, with_for_update=True, populate_existing=True)
        before: dict[str, Any] = {"subject": kind.subject}
        before["values"] = {name: getattr(current, name) for name in values}
        received = record_saving.change(session, kind, record_id, revision, values, editor)
        if not received.triggers:
            return received, None
        user, after = session.get_one(User, editor.user_id), {"revision": received.revision}
        step = undo_steps.remember(session, KIND, user, editor.store_id, record_id, before, after)
        return received, step.id

    return run_in_write(work)


def take_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> tuple[str, str]:
    """Give a record its statuses back, inside write(); return what came of it, and its address.

    It is a change like any other: automations may fire. Raises CannotUndo.
    """
    kind = BY_SUBJECT[step.before["subject"]]
    editor, revision = Editor(step.store_id, user.id, user.name), str(step.after["revision"])
    values, action = step.before["values"], "undid a change of"
    try:
        received = record_saving.change(session, kind, step.about_id, revision, values, editor, action)
    except EditConflict as conflict:
        raise CannotUndo("This record was changed in the meantime, so nothing was undone.") from conflict
    return f"Undone. {fired_words(received.fired)}", kind.url(session.get_one(kind.model, step.about_id))


def fired_words(fired: int) -> str:
    """Return how many automations a change fired, as a sentence."""
    return {0: "No automation fired.", 1: "One automation fired."}.get(fired, f"{fired} automations fired.")
