"""Does now what would be due later, for one record of one automation."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from automations.features.scheduling import due_occurrences
from automations.features.scheduling.listening_spans import live_spans
from automations.models.access import audit
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.pipeline.records import current_records
from automations.pipeline.runs.run_decisions import AlreadyDecided

GONE = "Someone else got there first: this is no longer coming up."
_MOMENT = dt.timedelta(microseconds=1)


def send_due(
    session: Session,
    automation: Automation,
    record_id: int,
    due_at: dt.datetime,
    user: User,
    now: dt.datetime,
) -> None:
    """Process a future instant at once: its occurrence is evaluated as of now. Call it inside `write()`.

    Raises AlreadyDecided if it was processed already, or nothing waits.
    """
    spans = live_spans(session, automation.store_id, automation.id)
    if not spans or due_at <= now:
        raise AlreadyDecided(GONE)
    span = spans[-1]
    rows = current_records.rows_of(session, span.subject, span.store_id, [record_id], lock=True)
    if not rows or due_occurrences.written(session, span, [record_id], due_at - _MOMENT, due_at):
        raise AlreadyDecided(GONE)
    due_occurrences.write_due(session, span, [(rows[0], due_at)], now)
    about = f"automation “{automation.name}” for {span.subject} {record_id}"
    audit.note(session, action="sent early", about=about, store_id=span.store_id, user_id=user.id, at=now)
