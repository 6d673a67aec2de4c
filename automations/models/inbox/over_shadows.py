"""Shadow modes that are over and wait for a person's decision."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.models.tables.shadow import Shadow


def waiting(session: Session, store_id: int) -> Sequence[Shadow]:
    """Return the shadow modes of a store that are over and that nobody decided about, oldest first."""
    query = sa.select(Shadow).where(*is_over(store_id)).options(joinedload(Shadow.automation))
    return session.scalars(query.order_by(Shadow.stopped_at)).all()


def is_over(store_id: int | sa.BindParameter[int]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the shadow modes of a store that are over and that nobody decided about."""
    return [Shadow.store_id == store_id, Shadow.stopped_at.is_not(None), Shadow.decided_at.is_(None)]
