"""What waits for a person's decision: actions that failed or may have arrived, held automations, and shadow
modes that are over.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.models.tables.run import FAILED, UNKNOWN, Run
from automations.models.tables.shadow import Shadow
from automations.models.tables.surge_hold import SurgeHold

#: More than this is shown as "99+".
COUNTED = 100


def count_undecided(session: Session, store_id: int) -> int:
    """Return how many decisions wait in a store, at most COUNTED."""
    waits = (
        sa.select(Run.id).where(Run.store_id == store_id, Run.state.in_((FAILED, UNKNOWN))).limit(COUNTED),
        sa.select(SurgeHold.id).where(SurgeHold.store_id == store_id, SurgeHold.ended_at.is_(None)),
        sa.select(Shadow.id).where(*_is_over(store_id)),
    )
    counts = (sa.select(sa.func.count()).select_from(one.subquery()).scalar_subquery() for one in waits)
    return min(sum(session.execute(sa.select(*counts)).one()), COUNTED)


def over_shadows(session: Session, store_id: int) -> Sequence[Shadow]:
    """Return the shadow modes of a store that are over and that nobody decided about, oldest first."""
    query = sa.select(Shadow).where(*_is_over(store_id)).options(joinedload(Shadow.automation))
    return session.scalars(query.order_by(Shadow.stopped_at)).all()


def _is_over(store_id: int) -> list[sa.ColumnElement[bool]]:
    return [Shadow.store_id == store_id, Shadow.stopped_at.is_not(None), Shadow.decided_at.is_(None)]
