"""How an evaluation stands: by its own outcome, and if it fired by the worst of its runs. As SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import CANCELLED, FAILED, SUCCEEDED, UNKNOWN, WAITING, Run
from automations.models.tables.run import SKIPPED as RUN_SKIPPED

FIRED = "fired"

#: Of an evaluation that fired. Any other stands as its outcome says: held, capped, error, shadow, …
DROPPED, SENT, SKIPPED, FAILING = "dropped", "sent", "skipped", "failing"
#: Something is under way, and nothing failed; the second one has skipped something already.
UNDER_WAY, UNDER_WAY_SKIPPED = "under_way", "under_way_skipped"
#: Something waits for a reason before its first try: a person has to act.
KEPT_BACK = "kept_back"

#: Those that may change. The runs of the others have come to their end for ever.
OPEN = (UNDER_WAY, UNDER_WAY_SKIPPED, KEPT_BACK, FAILING)
OF_FIRED = (DROPPED, SENT, SKIPPED, *OPEN)

#: How bad a run is, worst last.
_CANCELLED, _SENT, _SKIPPED, _UNDER_WAY, _KEPT_BACK, _FAILING = range(6)


def standing_of_runs(rank: Any, skipped: Any, outcome: Any) -> sa.ColumnElement[str]:
    """Return the standing of an evaluation by the worst rank of its runs and whether one was skipped."""
    return sa.case(
        (outcome != FIRED, outcome),
        (rank.is_(None), _word(SENT)),
        (rank == _FAILING, _word(FAILING)),
        (rank == _KEPT_BACK, _word(KEPT_BACK)),
        (sa.and_(rank == _UNDER_WAY, skipped == 1), _word(UNDER_WAY_SKIPPED)),
        (rank == _UNDER_WAY, _word(UNDER_WAY)),
        (rank == _SKIPPED, _word(SKIPPED)),
        (rank == _SENT, _word(SENT)),
        else_=_word(DROPPED),
    )


def with_standing(*columns: Any, where: list[sa.ColumnElement[bool]]) -> sa.Subquery:
    """Select evaluations, each with its `standing` and when its waiting runs are due."""
    waiting = Run.state == WAITING
    rank, skipped = sa.func.max(_rank()), sa.func.max(sa.case((Run.state == RUN_SKIPPED, 1), else_=0))
    due = [sa.func.min(sa.case((waiting, Run.due_at))), sa.func.max(sa.case((waiting, Run.due_at)))]
    worst = (
        sa.select(Evaluation.id, Evaluation.outcome, *columns, rank.label("rank"), skipped.label("skipped"))
        .add_columns(due[0].label("first_due_at"), due[1].label("last_due_at"))
        .join(Run, Run.evaluation_id == Evaluation.id, isouter=True)
        .where(*where)
        .group_by(Evaluation.id, Evaluation.outcome, *columns)
        .subquery("worst")
    )
    standing = standing_of_runs(worst.c.rank, worst.c.skipped, worst.c.outcome)
    return sa.select(worst, standing.label("standing")).subquery("standing")


def _rank() -> sa.ColumnElement[int]:
    kept = sa.and_(Run.state == WAITING, Run.reason.is_not(None))
    return sa.case(
        (Run.state.in_((FAILED, UNKNOWN)), _number(_FAILING)),
        (sa.and_(kept, Run.tries > 0), _number(_FAILING)),
        (kept, _number(_KEPT_BACK)),
        (Run.state == CANCELLED, _number(_CANCELLED)),
        (Run.state == SUCCEEDED, _number(_SENT)),
        (Run.state == RUN_SKIPPED, _number(_SKIPPED)),
        (Run.state.is_not(None), _number(_UNDER_WAY)),
    )


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value), sa.Integer())
