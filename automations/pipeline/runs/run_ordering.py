"""Keeps the runs about one record in the order of its changes. Beside: relay, settle.

Runs of one kind about one record, to one host, take turns. Those due at once share a workflow, which does
them one after the other; while some are under way, no other workflow gets the next. A run that waits for
a retry, for its host, for a manager or for its automation to be switched on delays no other; one that
overtakes it says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.fast_select import Lookup, Row, in_list
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import HELD, QUEUED, RUNNING, SUCCEEDED, WAITING, Attempt, Run
from automations.pipeline.runs.claimed_run import LEFT

OVERTOOK = "It left before an earlier one of the same record, which still had to wait"


class Turn(NamedTuple):
    """A record, a kind of action and a host; ids of records are per subject."""

    store_id: int
    kind: str
    lane: str
    subject: str
    record_id: int


_in_order = itemgetter(*Turn._fields)
#: The columns of a turn, in its order.
TURN = (Run.store_id, Run.kind, Run.lane, Occurrence.subject, Occurrence.record_id)


class UnderWay(NamedTuple):
    """A run that is queued or running."""

    turn: Turn
    workflow_id: str | None
    #: When its workers died.
    deaths: Sequence[str] | None


def turns_of(session: Session, run_ids: Sequence[int]) -> list[Turn]:
    """Return the turn that each of these runs belongs to, in the order given."""
    turns = {row[0]: Turn(*row[1:]) for row in session.execute(_turns().where(Run.id.in_(run_ids)))}
    return [turns[id] for id in run_ids]


def under_way(session: Session) -> list[UnderWay]:
    """Return the runs that are queued or running."""
    rows = _UNDER_WAY.rows(session)
    return [UnderWay(turn_of(row), row["workflow_id"], row["deaths"]) for row in rows]


def overtook(session: Session, run_ids: Collection[int]) -> set[int]:
    """Return those of these runs that left before an earlier run of their turn that waits with a reason."""
    # Two plain queries: as one, Postgres compared all pairs of runs while its statistics were stale.
    ours = _PLACED.rows(session, run_ids=list(run_ids))
    first: dict[Turn, tuple[int, int]] = {}
    for row in _THAT_WAIT.rows(session, record_ids=list({row["record_id"] for row in ours})):
        turn, place = turn_of(row), _place(row)
        first[turn] = min(first.get(turn, place), place)
    return {row["id"] for row in ours if first.get(turn_of(row), _place(row)) < _place(row)}


def passed(session: Session, run_ids: Collection[int]) -> set[int]:
    """Return the runs that left before an earlier one of their turn, where one of the two is in `run_ids`.

    One that left before the other's first try, which was due later anyway, counts only if it is in `run_ids`.
    """
    sent = sa.func.max(sa.case((Attempt.result.in_(LEFT), Attempt.id)))
    done = _turns().add_columns(Occurrence.id, sa.func.min(Attempt.id), sent).join(Run.attempts)
    done = done.where(Run.state == SUCCEEDED).group_by(Run.id, *TURN, Occurrence.id)
    done = done.having(sent.is_not(None))
    asked = session.execute(done.where(Run.id.in_(run_ids))).all()
    by_record = (Occurrence.store_id, Occurrence.subject, Occurrence.record_id)
    of_them = [column.in_({getattr(row, column.key) for row in asked}) for column in by_record]
    overtaking = set()
    for id, *turn, happened, _, left in session.execute(done.where(*of_them)):
        for asked_id, *asked_turn, asked_happened, tried, through in asked:
            if turn != asked_turn:
                continue
            is_later = (happened, id) > (asked_happened, asked_id)
            if is_later and tried < left < through:
                overtaking.add(id)
            elif not is_later and through < left:
                overtaking.add(asked_id)
    return overtaking


def _turns() -> sa.Select[int, int, str, str, str, int]:
    return sa.select(Run.id, *TURN).join(Run.evaluation).join(Evaluation.occurrence)


def turn_of(row: Row) -> Turn:
    """Return the turn in a row that has the columns of one."""
    return Turn._make(_in_order(row))


def _place(row: Row) -> tuple[int, int]:
    return row["happened"], row["id"]


def _under_way(_dialect: str) -> sa.Select[Any]:
    return (
        _turns()
        .add_columns(Run.workflow_id, Run.deaths)
        .where(sa.or_(Run.state == QUEUED, Run.state == RUNNING))
    )


def _placed(dialect: str) -> sa.Select[Any]:
    return _placed_turns().where(in_list(Run.id, "run_ids", dialect))


def _that_wait(dialect: str) -> sa.Select[Any]:
    waits = sa.and_(sa.or_(Run.state == WAITING, Run.state == HELD), Run.reason.is_not(None))
    return _placed_turns().where(waits, in_list(Occurrence.record_id, "record_ids", dialect))


def _placed_turns() -> sa.Select[Any]:
    return _turns().add_columns(Occurrence.id.label("happened"))


_UNDER_WAY, _PLACED, _THAT_WAIT = Lookup(_under_way), Lookup(_placed), Lookup(_that_wait)
