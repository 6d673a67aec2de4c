"""What an automation that notified somebody did: its name, and the worst outcome of all its actions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from automations.features.figures import outcomes
from automations.features.figures.outcomes import Badge
from automations.features.figures.standings import rank_of_run
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import Run


@dataclass(frozen=True, slots=True)
class Notifying:
    """The automation by its name of that time, and how all that it did stands now."""

    name: str
    outcome: str

    @property
    def badge(self) -> Badge:
        return outcomes.WORDS[self.outcome]


def by_run(session: Session, run_ids: Collection[int]) -> dict[int, Notifying]:
    """Return what the automation of each of these runs did with all its actions; one query."""
    if not run_ids:
        return {}
    told = aliased(Run)
    query = (
        sa.select(told.id, Version.name, sa.func.max(rank_of_run()))
        .join(Evaluation, Evaluation.id == told.evaluation_id)
        .join(Version, Version.id == Evaluation.version_id)
        .join(Run, Run.evaluation_id == told.evaluation_id)
        .where(told.id.in_(run_ids))
        .group_by(told.id, Version.name)
    )
    return {id: Notifying(name, outcomes.WORST_LAST[rank]) for id, name, rank in session.execute(query)}
