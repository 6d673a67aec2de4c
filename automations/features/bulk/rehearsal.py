"""What a bulk change would do, found by doing it and taking it back: caps, holds and circles count too.

Nothing is kept: the transaction is rolled back before anyone could see it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.bulk.bulk_changes import apply, next_rows
from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.models.tables.bulk_change import BulkChange
from automations.models.tables.occurrence import Evaluation, Occurrence

#: So many records are rehearsed; what the others do is told from these.
REHEARSED = 300


@dataclass(frozen=True)
class Rehearsal:
    """How many records were rehearsed and would change, and what would fire: (automation, outcome, count)."""

    looked_at: int
    counts: Counter[str]
    outcomes: Sequence[tuple[Any, str, int]]


class _TakenBack(Exception):
    def __init__(self, result: Rehearsal) -> None:
        super().__init__()
        self.result = result


def rehearse(change_id: int, now: dt.datetime) -> Rehearsal:
    """Return what the change would do with its first REHEARSED records. Needs an application context."""
    try:
        with write() as session:
            raise _TakenBack(_tried(session, change_id, now))
    except _TakenBack as tried:
        return tried.result


def _tried(session: Session, change_id: int, now: dt.datetime) -> Rehearsal:
    change = session.get_one(BulkChange, change_id)
    rows = next_rows(session, change, REHEARSED)
    before = newest_occurrence(session)
    counts = apply(session, change, rows, now)
    outcomes = outcomes_since(session, before, Occurrence.store_id == change.store_id, Occurrence.at == now)
    return Rehearsal(len(rows), counts, outcomes)


def newest_occurrence(session: Session) -> int:
    """Return the id of the newest occurrence; 0 if there is none."""
    return session.scalar(sa.select(sa.func.max(Occurrence.id))) or 0


def outcomes_since(session: Session, newest: int, *of: sa.ColumnElement[bool]) -> list[tuple[Any, str, int]]:
    """Return what came of the occurrences after `newest` that meet `of`: (automation, outcome, count)."""
    session.flush()
    fired = (
        sa.select(Automation.id, Automation.name, Evaluation.outcome, sa.func.count())
        .join(Evaluation, Evaluation.automation_id == Automation.id)
        .join(Occurrence, Occurrence.id == Evaluation.occurrence_id)
        .where(Occurrence.id > newest, *of)
        .group_by(Automation.id, Automation.name, Evaluation.outcome)
        .order_by(Automation.name, Evaluation.outcome)
    )
    return [((id, name), outcome, count) for id, name, outcome, count in session.execute(fired)]
