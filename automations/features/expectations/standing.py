"""Which expectations stand broken until someone sees to them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.expectations.follow import AUTOMATION
from automations.models.tables.expectation import Expectation


def broken_about(session: Session, store_id: int, automation_id: int) -> list[Expectation]:
    """Return the broken expectations that name this automation."""
    own = sa.select(Expectation).where(Expectation.store_id == store_id, Expectation.broken > 0)
    rows = session.scalars(own.order_by(Expectation.id))
    return [row for row in rows if row.follow.get("whose") == f"{AUTOMATION}{automation_id}"]
