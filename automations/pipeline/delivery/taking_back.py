"""Takes runs about one customer back from the workers that do them, so that nothing is recorded any more.

Part of: erasing a customer.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import HTTP
from automations.models.accounts import merged_customers
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import RUNNING, UNKNOWN, WAITING, Attempt, Run
from automations.pipeline.evaluation.frequency_caps import customer_of
from automations.pipeline.runs.claimed_run import STARTED

UNHEARD = "The customer was erased while this was being sent, so it is not known whether it arrived."


def running(session: Session, store_id: int, customer_id: int) -> list[int]:
    """Return the ids of the runs about the customer that a worker is doing now, in order."""
    columns = (Run.id, Occurrence.subject, Occurrence.record_id, Occurrence.snapshot)
    joined = sa.select(*columns).join(Run.evaluation).join(Evaluation.occurrence)
    under_way = joined.where(Run.store_id == store_id, Run.state == RUNNING).order_by(Run.id)
    ids = set(merged_customers.ids_of(session, customer_id))
    return [
        id
        for id, subject, record_id, snapshot in session.execute(under_way)
        if (record_id if subject == "customer" else customer_of(subject, snapshot)) in ids
    ]


def is_being_sent(session: Session, store_id: int, customer_id: int) -> bool:
    """Return whether a message about the customer is handed over at this moment."""
    begun = sa.select(Attempt.id).join(Attempt.run).where(Attempt.number == Run.tries)
    begun = begun.where(Attempt.result == STARTED, Run.id.in_(running(session, store_id, customer_id)))
    return session.execute(begun.limit(1)).first() is not None


def take_back(session: Session, run_ids: list[int], now: dt.datetime) -> None:
    """Let the workers of these runs record nothing more about them, inside write().

    What was not begun waits again; so does what has been answered, and the next worker writes that down.
    A message whose answer is still to come is unknown.
    """
    query = sa.select(Run).where(Run.id.in_(run_ids), Run.state == RUNNING).order_by(Run.id)
    for run in session.scalars(query.with_for_update().execution_options(populate_existing=True)).all():
        begun = [attempt for attempt in run.attempts if attempt.number == run.tries]
        unanswered = [attempt for attempt in begun if attempt.result == STARTED]
        run.state, run.workflow_id, run.due_at = WAITING, None, now
        if not begun:
            run.tries -= 1
        elif unanswered:
            # With a new number, a late answer can change nothing.
            run.tries += 1
        if any((attempt.prepared or {}).get("channel") != HTTP for attempt in unanswered):
            run.state, run.reason, run.finished_at = UNKNOWN, UNHEARD, now
    session.flush()
