"""What became of the messages of a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.mailbox_connector import MAILBOX
from automations.features.figures.outcomes import KEPT_HERE
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import CANCELLED, FAILED, SKIPPED, SUCCEEDED, UNKNOWN, Message, Run
from automations.models.tables.segment import Campaign

#: The final states, in the order of the page; every other state is under way.
LABELS = {
    SUCCEEDED: "Sent",
    SKIPPED: "Skipped",
    CANCELLED: "Cancelled",
    UNKNOWN: "Unknown",
    FAILED: "Failed",
}
UNDER_WAY = "Waiting"


def results(session: Session, campaign: Campaign) -> dict[str, int]:
    """Return how many of the campaign's messages are in each state, by its label; none of them is zero."""
    query = sa.select(Run.state, sa.func.count()).join(Evaluation, Run.evaluation_id == Evaluation.id)
    query = query.where(
        Evaluation.store_id == campaign.store_id, Evaluation.automation_id == campaign.version.automation_id
    )
    kept = sa.exists().where(Message.run_id == Run.id, Message.connector == MAILBOX)
    stayed = query.where(Run.state == SUCCEEDED, kept).with_only_columns(sa.func.count())
    of_kept = session.scalar(stayed) or 0
    counts: dict[str, int] = {}
    for state, count in session.execute(query.group_by(Run.state)):
        label = LABELS.get(state, UNDER_WAY)
        counts[label] = counts.get(label, 0) + count
    if of_kept:
        counts |= {LABELS[SUCCEEDED]: counts[LABELS[SUCCEEDED]] - of_kept, KEPT_HERE.word: of_kept}
    order = [LABELS[SUCCEEDED], KEPT_HERE.word, UNDER_WAY, *list(LABELS.values())[1:]]
    return {label: counts[label] for label in order if counts.get(label)}
