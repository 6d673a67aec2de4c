"""Does the runs of the sample shop's past at once, so that no worker sends them today.

The messages take the real road (claim, prepare, perform, record) with the built-in mailbox as the
only provider, inside the transaction that fills the shop.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.base import Prepared, Skipped
from automations.connectors.mailbox import MailboxConnector
from automations.connectors.registry import Connectors
from automations.models.choices import StoreWords
from automations.models.run import QUEUED, WAITING, Run
from automations.models.store import Store
from automations.pipeline import guard, job
from automations.pipeline.job import Job, Outcome, Part
from automations.pipeline.record import record
from automations.pipeline.situation import situation_for

WORKFLOW_ID = "sample"
TOOK = dt.timedelta(seconds=3)
_MAILBOX = Connectors(email=MailboxConnector())


def finish_runs(session: Session, store: Store, words: StoreWords) -> None:
    """Do every run of this store that waits, each as of its own time. Call it inside `write()`."""
    waiting = sa.and_(Run.store_id == store.id, Run.state == WAITING)
    due = dict(session.execute(sa.select(Run.id, Run.due_at).where(waiting)).all())
    session.execute(
        sa.update(Run).where(waiting).values(state=QUEUED, workflow_id=WORKFLOW_ID),
        execution_options={"synchronize_session": False},
    )
    for one in guard.claim(session, sorted(due), WORKFLOW_ID):
        record(session, [_done(session, store, words, one)], due[one.run_id] + TOOK)


def _done(session: Session, store: Store, words: StoreWords, one: Job) -> Outcome:
    situation = situation_for(session, store, words, one.subject, one.snapshot)
    try:
        prepared = ACTIONS[one.kind].prepare(one.settings, situation)
    except Skipped as skipped:
        return job.skipped(one, skipped.reason)
    return job.outcome_of(one, [_sent(one, place, message) for place, message in enumerate(prepared)], None)


def _sent(one: Job, place: int, message: Prepared) -> Part:
    receipt = ACTIONS[one.kind].perform(message, _MAILBOX, f"run-{one.run_id}-{place}")
    data = dict(message.to_data())
    return Part(place, job.SENT, receipt.detail, data, _MAILBOX.email.key, receipt.provider_id)
