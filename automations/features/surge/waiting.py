"""What waits in a hold, in the order in which it would go, and where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.surge.phrases import what_happened
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import HELD, Run
from automations.models.tables.surge_hold import SurgeHold

#: Firings of a hold that are read to say where they came from.
LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class HeldFirings:
    """The firings of a hold that wait, by number and by the first and the last of them."""

    hold: SurgeHold
    count: int
    last_id: int
    #: The firings that went before it was held, and since.
    words: str
    #: Where nearly all of them came from, in words; "" if from here and there.
    cause: str


def open_holds(session: Session, store_id: int) -> list[SurgeHold]:
    """Return the holds of a store that nobody ended yet, oldest first."""
    query = sa.select(SurgeHold).where(SurgeHold.store_id == store_id, SurgeHold.ended_at.is_(None))
    return list(session.scalars(query.order_by(SurgeHold.id)))


def held_firings(session: Session, hold: SurgeHold) -> HeldFirings:
    """Return what waits in a hold."""
    numbers = sa.select(sa.func.count(sa.distinct(Run.evaluation_id)), sa.func.max(Run.evaluation_id))
    count, last = session.execute(numbers.where(runs_of_hold(hold))).one()
    words = what_happened(hold.figures, hold.figures["fired"] - 1 + count)
    return HeldFirings(hold, count, last or hold.passed_to, words, _cause(session, hold))


def page(session: Session, hold: SurgeHold, after: int, limit: int) -> Sequence[Evaluation]:
    """Return firings that wait, in the order in which they would go."""
    ids = sa.select(Run.evaluation_id).where(runs_of_hold(hold), Run.evaluation_id > after).distinct()
    ids = ids.order_by(Run.evaluation_id).limit(limit)
    wanted = sa.select(Evaluation).where(Evaluation.id.in_(session.scalars(ids).all()))
    return session.scalars(wanted.order_by(Evaluation.id)).all()


def runs_of_hold(hold: SurgeHold) -> sa.ColumnElement[bool]:
    """Select the runs that wait in a hold."""
    of_version = sa.select(Evaluation.id).where(
        Evaluation.automation_id == hold.automation_id,
        Evaluation.version_id == hold.version_id,
        Evaluation.id > hold.passed_to,
    )
    return sa.and_(Run.store_id == hold.store_id, Run.state == HELD, Run.evaluation_id.in_(of_version))


def _cause(session: Session, hold: SurgeHold) -> str:
    ids = sa.select(Run.evaluation_id).where(runs_of_hold(hold)).limit(LOOKED_AT)
    query = sa.select(Occurrence.cause, sa.func.count()).join(
        Evaluation, Evaluation.occurrence_id == Occurrence.id
    )
    counts = session.execute(query.where(Evaluation.id.in_(ids)).group_by(Occurrence.cause)).all()
    total = sum(count for _, count in counts)
    return next((cause for cause, count in counts if count >= 0.9 * total), "")
