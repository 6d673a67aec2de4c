"""Performs the runs of the sample shop's past at once, so that no worker sends them today.

They take the real line (claim, prepare, perform, settle) with the built-in mailbox as the only
provider, inside the transaction that fills the shop. What an action changes may start others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.change_data import ChangeData
from automations.actions.shared import message_languages
from automations.actions.shared.action_kind import INSIDE, Prepared, Skipped
from automations.connectors.connector_set import Connectors
from automations.connectors.mailbox_connector import MailboxConnector
from automations.models.settings.choices import StoreWords
from automations.models.tables.run import QUEUED, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery import claim
from automations.pipeline.delivery.settle import settle
from automations.pipeline.evaluation.consent import MARKETING, with_consent
from automations.pipeline.providers.action_context import Team, situation_for, team_of
from automations.pipeline.runs import claimed_run
from automations.pipeline.runs.claimed_run import ClaimedRun, Part, RunOutcome

WORKFLOW_ID = "sample"
#: The kinds of action that may start further automations.
CHANGES = (ChangeData.key,)
TOOK = dt.timedelta(seconds=3)
_MAILBOX = Connectors(email=MailboxConnector())


def finish_runs(
    session: Session, store: Store, words: StoreWords, kinds: Collection[str] = tuple(ACTIONS)
) -> None:
    """Perform every waiting run of this store, each as of its due time. Call it inside `write()`."""
    while _finish_some(session, store, words, kinds):
        pass


def _finish_some(session: Session, store: Store, words: StoreWords, kinds: Collection[str]) -> int:
    waiting = sa.and_(Run.store_id == store.id, Run.state == WAITING, Run.kind.in_(kinds))
    due = dict(session.execute(sa.select(Run.id, Run.due_at).where(waiting)).all())
    if not due:
        return 0
    session.execute(
        sa.update(Run).where(waiting).values(state=QUEUED, workflow_id=WORKFLOW_ID),
        execution_options={"synchronize_session": False},
    )
    team = team_of(session, store.id)
    for one in claim.claim(session, sorted(due), WORKFLOW_ID):
        settle(session, [_done(session, store, words, one, team)], due[one.run_id] + TOOK)
    return len(due)


def _done(session: Session, store: Store, words: StoreWords, one: ClaimedRun, team: Team) -> RunOutcome:
    situation = situation_for(session, store, words, one.subject, one.snapshot, team=team)
    if one.kind in MARKETING:
        situation = with_consent(session, situation, store, one.snapshot)
    try:
        prepared = message_languages.prepare(ACTIONS[one.kind], one.settings, situation)
    except Skipped as skipped:
        return claimed_run.skipped(one, skipped.reason)
    return claimed_run.outcome_of(
        one, [_sent(one, place, message) for place, message in enumerate(prepared)], None
    )


def _sent(one: ClaimedRun, place: int, message: Prepared) -> Part:
    data = dict(message.to_data())
    if message.channel == INSIDE:
        # `record` writes it, and says what it did.
        return Part(place, claimed_run.SENT, "", data, INSIDE)
    receipt = ACTIONS[one.kind].perform(message, _MAILBOX, f"run-{one.run_id}-{place}")
    return Part(place, claimed_run.SENT, receipt.detail, data, _MAILBOX.email.key, receipt.provider_id)
