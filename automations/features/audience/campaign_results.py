"""What became of the messages of a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures.outcomes import STAYED, WORDS
from automations.features.figures.standings import stayed_here
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import CANCELLED, FAILED, SKIPPED, SUCCEEDED, UNKNOWN, Run
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
    stayed = query.where(Run.state == SUCCEEDED, stayed_here()).with_only_columns(sa.func.count())
    of_kept = session.scalar(stayed) or 0
    counts: dict[str, int] = {}
    for state, count in session.execute(query.group_by(Run.state)):
        label = LABELS.get(state, UNDER_WAY)
        counts[label] = counts.get(label, 0) + count
    if of_kept:
        counts |= {LABELS[SUCCEEDED]: counts[LABELS[SUCCEEDED]] - of_kept, WORDS[STAYED].word: of_kept}
    order = [LABELS[SUCCEEDED], WORDS[STAYED].word, UNDER_WAY, *list(LABELS.values())[1:]]
    return {label: counts[label] for label in order if counts.get(label)}
