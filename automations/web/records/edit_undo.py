"""Takes an edit of a record back: its values go back, unless someone has changed one of them since.

It is a change like any other: automations may fire.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from automations.models.access.undo_steps import CannotUndo
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.records import edited_values
from automations.web.records import record_saving
from automations.web.records.edit_refusals import ERASED, GONE, refuse_changed_since, refuse_lost_choices
from automations.web.records.kind_pages import BY_SUBJECT
from automations.web.records.record_edits import columns_of, fired_words
from automations.web.records.record_saving import Editor


def take_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> tuple[str, str]:
    """Give a record its values back, inside write(); return what came of it, and its address.

    Raises CannotUndo.
    """
    if not step.before:
        raise CannotUndo(ERASED)
    kind, editor = BY_SUBJECT[step.before["subject"]], Editor(step.store_id, user.id, user.name)
    before, after = step.before["values"], step.after["values"]
    values = record_saving.led_on(session, edited_values.to_put_back(kind.subject, before, after))
    current = session.get(kind.model, step.about_id, with_for_update=True, populate_existing=True)
    if current is None:
        raise CannotUndo(GONE)
    words = StoreWords(session, session.get_one(Store, step.store_id))
    refuse_changed_since(words, kind.subject, after, columns_of(current))
    refuse_lost_choices(words, kind.subject, values)
    received = record_saving.change(
        session, kind, step.about_id, str(current.revision), values, editor, "undid a change of"
    )
    stays = _stays(session, step.after.get("added"))
    return f"Undone. {fired_words(received.fired)}{stays}", kind.url(session.get_one(kind.model, current.id))


def _stays(session: Session, added: int | None) -> str:
    """Return that the customer who was added with the edit is still there; "" if none was."""
    person = session.get(Customer, added) if added else None
    return f" {person.name} stays a customer." if person and person.name else ""
