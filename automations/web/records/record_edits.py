"""Edits a record, by its form or its status control, and remembers for a day how to take it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from automations.models.access import undo_steps
from automations.models.db.base import run_in_write
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.records import edited_values
from automations.pipeline.records.change import Cause, Received
from automations.pipeline.records.record_kinds import KINDS
from automations.web.records import record_saving
from automations.web.records.kind_pages import Record, RecordPages
from automations.web.records.new_customer import NewPerson
from automations.web.records.record_saving import Editor


@dataclass(frozen=True)
class Edited:
    """What came of an edit, and the id of the step that takes it back; None if nothing was changed."""

    received: Received
    step_id: int | None


def update(
    kind: RecordPages, record: Record, revision: str, values: dict[str, Any], person: NewPerson | None = None
) -> Edited:
    """Change a record that was last seen at `revision`, and add the customer it names if `person` is new.

    Raises EditConflict and KnownCustomer.
    """
    record_id, editor = record.id, Editor.signed_in()

    def work(session: Session) -> Edited:
        # Customers are locked before orders.
        of_store, cause = session.get_one(Store, editor.store_id), Cause("person", editor.name)
        named = record_saving.name_customer(session, of_store, person, cause, editor.user_id)
        led_on = record_saving.led_on(session, values) | named.columns
        before = columns_of(
            session.get_one(kind.model, record_id, with_for_update=True, populate_existing=True)
        )
        received = record_saving.change(session, kind, record_id, revision, led_on, editor)
        step_id = _remember(session, kind, editor, before, received, named.added)
        return Edited(replace(received, fired=received.fired + named.fired), step_id)

    return run_in_write(work)


def fired_words(fired: int) -> str:
    """Return how many automations a change fired, as a sentence."""
    return {0: "No automation fired.", 1: "One automation fired."}.get(fired, f"{fired} automations fired.")


def columns_of(record: Record) -> dict[str, Any]:
    """Return the columns that an edit may change."""
    return {name: getattr(record, name) for name in KINDS[record.__tablename__].settable}


def _remember(
    session: Session,
    kind: RecordPages,
    editor: Editor,
    before: dict[str, Any],
    received: Received,
    added: int | None,
) -> int | None:
    was, now = edited_values.changed(kind.subject, before, received.row)
    if not was:
        return None
    user = session.get_one(User, editor.user_id)
    step = undo_steps.remember(
        session,
        undo_steps.RECORD_EDIT,
        user,
        editor.store_id,
        received.id,
        {"subject": kind.subject, "values": was},
        {"values": now, "added": added},
    )
    return step.id
