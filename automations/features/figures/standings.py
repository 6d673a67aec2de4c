"""How an evaluation stands: by its own outcome, and if it fired by the worst of its runs. As SQL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from automations.actions import ACTIONS
from automations.connectors.mailbox_connector import MAILBOX
from automations.features.figures import outcomes
from automations.features.figures.outcomes import (
    DONE,
    DROPPED,
    FAILED,
    FAILING,
    HELD,
    SENT,
    SKIPPED,
    STAYED,
    UNKNOWN,
)
from automations.models.tables import run as runs
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import KEPT_WORD, Message, Run

FIRED = "fired"

#: Something is under way, and nothing is worse; the second one has skipped something already.
UNDER_WAY, UNDER_WAY_SKIPPED = "under_way", "under_way_skipped"

#: Those that may change. The runs of the others have come to their end for ever.
OPEN = (UNDER_WAY, UNDER_WAY_SKIPPED, HELD, FAILING, FAILED, UNKNOWN)
OF_FIRED = (DROPPED, DONE, SENT, STAYED, SKIPPED, *OPEN)
#: The kinds of actions that are no message.
NO_MESSAGES = tuple(key for key, kind in ACTIONS.items() if kind.done == outcomes.WORDS[DONE].word)
#: The standings that do not bear the name of their outcome.
_OUTCOMES: Mapping[str, str] = {UNDER_WAY: outcomes.WAITING, UNDER_WAY_SKIPPED: SKIPPED}


def outcome_of(standing: str) -> str:
    """Return the outcome that a standing counts as; one that did not fire is named by itself."""
    return _OUTCOMES.get(standing, standing)


def standing_of_runs(rank: Any, under_way: Any, outcome: Any) -> sa.ColumnElement[str]:
    """Return the standing of an evaluation by the worst rank of its runs and whether one is under way."""
    unfinished = sa.and_(rank == rank_of(SKIPPED), under_way == 1)
    named = [(rank == rank_of(one), _word(one)) for one in outcomes.WORST_LAST if one != outcomes.WAITING]
    return sa.case(
        (outcome != FIRED, outcome),
        (rank.is_(None), _word(DROPPED)),
        (unfinished, _word(UNDER_WAY_SKIPPED)),
        *named,
        else_=_word(UNDER_WAY),
    )


def with_standing(*columns: Any, where: list[sa.ColumnElement[bool]]) -> sa.Subquery:
    """Select evaluations, each with its `standing` and when its waiting runs are due."""
    waiting = Run.state == runs.WAITING
    under_way = sa.func.max(sa.case((Run.state.in_((runs.WAITING, runs.QUEUED, runs.RUNNING)), 1), else_=0))
    due = [sa.func.min(sa.case((waiting, Run.due_at))), sa.func.max(sa.case((waiting, Run.due_at)))]
    worst = (
        sa.select(Evaluation.id, Evaluation.outcome, *columns, sa.func.max(rank_of_run()).label("rank"))
        .add_columns(under_way.label("under_way"))
        .add_columns(due[0].label("first_due_at"), due[1].label("last_due_at"))
        .join(Run, Run.evaluation_id == Evaluation.id, isouter=True)
        .where(*where)
        .group_by(Evaluation.id, Evaluation.outcome, *columns)
        .subquery("worst")
    )
    standing = standing_of_runs(worst.c.rank, worst.c.under_way, worst.c.outcome)
    return sa.select(worst, standing.label("standing")).subquery("standing")


# To say it takes longer than to ask it.
@lru_cache(maxsize=8)
def rank_of_run(row: Any = Run) -> sa.ColumnElement[int]:
    """Return how bad a run is, as SQL: the place of its outcome in WORST_LAST; NULL where there is no run.

    `row` is Run or an alias of it.
    """
    finished = ((state, outcomes.OF_RUN[state]) for state in runs.FINAL if state != runs.SUCCEEDED)
    return sa.case(
        (row.state == runs.SUCCEEDED, rank_of_success(row)),
        *((row.state == state, rank_of(outcome)) for state, outcome in finished),
        *((of_waiting(outcome, row), rank_of(outcome)) for outcome in (HELD, FAILING)),
        (row.state.is_not(None), rank_of(outcomes.WAITING)),
    )


def rank_of_success(row: Any = Run) -> sa.ColumnElement[int]:
    """Return the rank of a run that succeeded, as SQL: done here, kept here or sent."""
    done, stayed = (row.kind.in_(NO_MESSAGES), rank_of(DONE)), (stayed_here(row), rank_of(STAYED))
    return sa.case(done, stayed, else_=rank_of(SENT))


def stayed_here(row: Any = Run) -> sa.ColumnElement[bool]:
    """Return whether what a run wrote was only kept, because no server or gateway was set up, as SQL."""
    return sa.exists().where(Message.run_id == row.id, Message.connector == MAILBOX).correlate(row)


def of_waiting(outcome: str, row: Any = Run) -> sa.ColumnElement[bool]:
    """Return whether a run that has not come to its end is held, failing or only waits, as SQL."""
    waits = sa.and_(row.state == runs.WAITING, row.reason.is_not(None))
    kept = sa.and_(waits, row.tries == 0, row.reason.startswith(KEPT_WORD))
    if outcome == FAILING:
        return sa.and_(waits, row.tries > 0)
    if outcome == HELD:
        return sa.or_(row.state == runs.HELD, kept)
    delayed = sa.and_(row.tries == 0, row.reason.not_like(f"{KEPT_WORD}%"))
    only_waits = sa.and_(row.state == runs.WAITING, sa.or_(row.reason.is_(None), delayed))
    return sa.or_(row.state.in_((runs.QUEUED, runs.RUNNING)), only_waits)


def rank_of(outcome: str) -> sa.ColumnElement[int]:
    """Return the place of an outcome in WORST_LAST, as SQL."""
    return sa.literal_column(str(outcomes.WORST_LAST.index(outcome)), sa.Integer())


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())
