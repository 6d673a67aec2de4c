"""Refuses runs of versions in shadow mode, whose actions are never done. Part of: claim.

Such a version gets no runs in the first place: its evaluations are written with outcomes of their own. This
is the second lock on the same door: whatever state a run of it is in, however it came to be, it ends here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import CANCELLED, FINAL, Run, in_order
from automations.models.tables.shadow import SHADOW_OUTCOMES

REFUSED = "Not done: this version is in shadow mode, in which nothing is sent or changed."
#: That a run belongs to shadow mode, as a condition on its evaluation and version.
IN_SHADOW = sa.or_(Version.shadow, *(Evaluation.outcome == outcome for outcome in SHADOW_OUTCOMES))


def refuse(session: Session, run_ids: Sequence[int], now: dt.datetime | None) -> None:
    """Cancel those of the runs that belong to shadow mode, inside write()."""
    query = sa.select(Run.id).join(Run.evaluation).join(Evaluation.version)
    ids = session.scalars(query.where(Run.id.in_(run_ids), Run.state.not_in(FINAL), IN_SHADOW)).all()
    if ids:
        ended = {"state": CANCELLED, "reason": REFUSED, "finished_at": now or dt.datetime.now(dt.UTC)}
        session.execute(
            sa.update(Run).where(in_order(Run.id.in_(ids))).values(**ended),
            execution_options={"synchronize_session": False},
        )
