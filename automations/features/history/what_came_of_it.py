"""The answer about an automation that fired: it ran, ran at once, or its actions were not done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.wording.wording import joined
from automations.features.history.log_entries import Chip
from automations.features.scheduling.due_occurrences import CAUSE_LATE
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import CANCELLED, SKIPPED, Run


@dataclass(frozen=True, slots=True)
class WhyNotAnswer:
    """The sentence, the conditions it rests on, and the occurrence it is about.

    `at` is the instant of that occurrence; `since` is the instant that the sentence names as "{since}", if
    any.
    """

    sentence: str
    occurrence_id: int | None = None
    at: dt.datetime | None = None
    since: dt.datetime | None = None
    chips: tuple[Chip, ...] = ()
    ran: bool = False


def what_came_of_it(
    session: Session, occurrence: Occurrence, automation: Automation, record: str
) -> WhyNotAnswer:
    """Return what the automation did on an occurrence on which it fired."""
    of_it = sa.and_(Evaluation.occurrence_id == occurrence.id, Evaluation.automation_id == automation.id)
    runs = session.scalars(sa.select(Run).join(Run.evaluation).where(of_it).order_by(Run.position)).all()
    where = (occurrence.id, occurrence.at)
    if runs and all(run.state in (SKIPPED, CANCELLED) for run in runs):
        reasons = list(dict.fromkeys((run.reason or "").rstrip(".") for run in runs if run.reason))
        sentence = f"{automation.name} fired for {record}, and nothing was done"
        return WhyNotAnswer(f"{sentence}: {joined(reasons, 'and also')}.", *where)
    late = " Its time was over when the date was set, so it ran at once."
    at_once = late if occurrence.cause == CAUSE_LATE.label else ""
    return WhyNotAnswer(f"{automation.name} did run for {record}.{at_once}", *where, ran=True)
