"""What an undo would set off, found by doing it and taking it back: nothing is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.features.bulk.rehearsal import newest_occurrence, outcomes_since
from automations.models.access import audit, undo_steps
from automations.models.db.base import write
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.web.log.audit_phrases import done_words
from automations.web.log.audit_sides import AuditedValue, audited_values
from automations.web.undo.undone import TakeBack, Undone

#: What reaches somebody, now or once it is released.
_REACHES = frozenset({"fired", "held"})


@dataclass(frozen=True)
class UndoRehearsal:
    """What would become of it, and what would fire: (automation, outcome, count)."""

    undone: Undone
    outcomes: Sequence[tuple[Any, str, int]]
    #: What the audit would say was done: "put back the segment “Regulars”"; "" if it says nothing.
    done: str
    #: What the audit would say of each value, before and after; nothing if it names none.
    values: Sequence[AuditedValue] = ()
    #: What they belong to: "the working hours".
    about: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether automations would fire, so that the person has to be asked first."""
        return any(outcome in _REACHES for _, outcome, _ in self.outcomes)


class _RolledBack(Exception):
    def __init__(self, result: UndoRehearsal) -> None:
        super().__init__()
        self.result = result


def rehearse_undo(step_id: int, take_back: TakeBack, user_id: int, now: dt.datetime) -> UndoRehearsal:
    """Return what taking a step back would do. Raises CannotUndo."""
    try:
        with write() as session:
            raise _RolledBack(_tried(session, step_id, take_back, user_id, now))
    except _RolledBack as tried:
        return tried.result


def _tried(
    session: Session, step_id: int, take_back: TakeBack, user_id: int, now: dt.datetime
) -> UndoRehearsal:
    step, before = undo_steps.begin_undo(session, step_id, now), newest_occurrence(session)
    undone = take_back(session, step, session.get_one(User, user_id), now)
    noted = session.info.get(audit.PENDING) or ()
    outcomes = _outcomes(session, step, before)
    if not noted:
        return UndoRehearsal(undone, outcomes, "")
    row = noted[-1]
    return UndoRehearsal(undone, outcomes, done_words(row), audited_values(row), row.about)


def _outcomes(session: Session, step: UndoStep, before: int) -> Sequence[tuple[Any, str, int]]:
    if step.kind != undo_steps.RECORD_EDIT:
        return ()
    # The record is locked: what came about it since is of this undo, whoever else writes meanwhile.
    is_of_it = (Occurrence.store_id == step.store_id, Occurrence.subject == step.before["subject"])
    return outcomes_since(session, before, *is_of_it, Occurrence.record_id == step.about_id)
