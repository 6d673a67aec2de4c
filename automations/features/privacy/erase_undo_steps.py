"""Takes what records said before an edit out of the database, when their customer is erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.privacy.customer_rows import CustomerRows
from automations.models.access.undo_steps import RECORD_EDIT
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.undo_step import UndoStep


def locked(session: Session, store_id: int) -> None:
    """Lock the store's steps about records, inside write(): an undo locks its step before the record."""
    session.execute(
        sa.select(UndoStep.id).where(*_of_store(store_id)).order_by(UndoStep.id).with_for_update()
    )


def erase(session: Session, customer_rows: CustomerRows) -> int:
    """Empty the steps about the customer and about what is or was theirs, inside write(); return how many.

    An emptied step can no longer be undone, and says why.
    """
    theirs, emptied = _records(session, customer_rows), 0
    kept = sa.select(UndoStep).where(*_of_store(customer_rows.store_id)).order_by(UndoStep.id)
    for step in session.scalars(kept):
        named = {_customer_id(step.before), _customer_id(step.after)}
        if (step.before["subject"], step.about_id) in theirs or named.intersection(customer_rows.ids):
            step.before, step.after, emptied = None, None, emptied + 1
    session.flush()
    return emptied


def _of_store(store_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return UndoStep.store_id == store_id, UndoStep.kind == RECORD_EDIT, UndoStep.before.is_not(None)


def _records(session: Session, customer_rows: CustomerRows) -> set[tuple[str, int]]:
    """Return subject and id of the customer, and of the records that are or were theirs."""
    once = sa.select(Occurrence.subject, Occurrence.record_id).where(customer_rows.happened(Occurrence.id))
    now = customer_rows.all_records(session).items()
    return {
        *((subject, id) for subject, id in session.execute(once.distinct())),
        *((subject, id) for subject, ids in now for id in ids),
    }


def _customer_id(kept: Mapping[str, Any]) -> Any:
    return kept["values"].get("customer_id")
