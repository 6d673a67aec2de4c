"""An edit of a customer that can be taken back, as the pages remember it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from automations.models.access import undo_steps
from automations.models.tables.people import User


def one_edit(session: Session, store_id: int, user: User, customer_id: int) -> None:
    """Remember a change of the customer's note, inside write()."""
    before = {"subject": "customer", "values": {"note": "Likes peonies"}}
    after = {"values": {"note": "Likes roses"}, "added": None}
    undo_steps.remember(session, undo_steps.RECORD_EDIT, user, store_id, customer_id, before, after)
