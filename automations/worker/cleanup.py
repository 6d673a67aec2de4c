"""Deletes expired rows once a night, in small pieces so that nothing has to wait.

The outcome of an occurrence decides how long it is kept: people ask about sent messages years later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from dbos import DBOSClient
from sqlalchemy.orm import Session

from automations.features.bulk import forgetting
from automations.features.examples.pinning import delete_removed
from automations.features.figures import counting
from automations.features.privacy import erase_merges
from automations.features.privacy.erase_shops import delete_deliveries
from automations.models.access import undo_steps
from automations.models.db.base import Base, db, run_in_write
from automations.models.settings.log_retention import NOTHING, SENT, days_of
from automations.models.tables import heartbeat
from automations.models.tables.backtest import PENDING, Backtest, BacktestPart
from automations.models.tables.csv_import import KEPT_FOR as IMPORTS_FOR
from automations.models.tables.csv_import import CsvImport, CsvPiece, CsvRecord
from automations.models.tables.customer_merge import KEPT_FOR as MERGES_KEPT_FOR
from automations.models.tables.hold import Release
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.people import IdempotencyKey
from automations.models.tables.run import FINAL, SUCCEEDED, UNKNOWN, Attempt, Message, Run
from automations.models.tables.schedule_progress import Due
from automations.models.tables.shadow import ShadowDue
from automations.models.tables.shop_connection import KEPT_FOR, ShopDelivery
from automations.models.tables.store import Store, note_log_change
from automations.models.tables.task import Task
from automations.pipeline.runs.claimed_run import some_left

#: The fewest days a store may choose; 0 means for ever.
SHORTEST = 31
#: Rows per transaction: an order that arrives meanwhile waits a few milliseconds.
PIECE = 200
PAUSE = 0.05
KEYS_FOR = dt.timedelta(days=7)
WORKFLOWS_FOR = dt.timedelta(days=2)
BACKTESTS_FOR = dt.timedelta(days=30)
#: Night, in hours of UTC. A shop that is switched off at night is cleaned up in the morning.
NIGHT = range(1, 5)
A_NIGHT = dt.timedelta(hours=20)
OVERDUE = dt.timedelta(hours=36)

_WITHOUT_SYNCHRONIZING = {"synchronize_session": False}

#: Waits a moment, and returns whether to go on.
Pause = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """The number of rows of each kind that were deleted."""

    occurrences: int
    keys: int
    workflows: int
    backtests: int = 0


def is_time(session: Session, now: dt.datetime) -> bool:
    """Return whether to clean up now: at night, or by day if the last night was missed. Inside write().

    The time is noted, so the next call returns False.
    """
    last = session.scalar(
        sa.select(heartbeat.Heartbeat).where(heartbeat.Heartbeat.name == heartbeat.TIDY).with_for_update()
    )
    # A time in the future is from before the clock was set back.
    passed = now - last.at if last and last.at <= now else OVERDUE
    if passed < A_NIGHT or (now.hour not in NIGHT and passed < OVERDUE):
        return False
    heartbeat.note(session, {heartbeat.TIDY: now})
    return True


def clean_up(client: DBOSClient | None, now: dt.datetime, pause: Pause) -> CleanupResult:
    """Delete everything that has expired, piece by piece. Needs an application context."""
    deleted = 0
    stores = [(store.id, days_of(store)) for store in db.session.scalars(sa.select(Store))]
    db.session.rollback()
    for store_id, days in stores:
        for outcome, days_kept in days.items():
            if days_kept:
                before = now - dt.timedelta(days=days_kept)
                deleted += _in_pieces(
                    partial(_delete_occurrences, store_id=store_id, outcome=outcome, before=before), pause
                )
    keys = _in_pieces(partial(delete_expired_keys, now=now), pause)
    backtests = _in_pieces(partial(delete_old_backtests, now=now), pause)
    _in_pieces(partial(delete_removed, now=now), pause)
    _in_pieces(partial(delete_old_deliveries, now=now), pause)
    run_in_write(partial(undo_steps.forget_old, now=now))
    run_in_write(lambda session: erase_merges.forget_old(session, now - MERGES_KEPT_FOR))
    while run_in_write(partial(forgetting.delete_old, now=now)) and pause(PAUSE):
        pass
    _in_pieces(partial(delete_old_imports, now=now), pause)
    workflows = delete_old_workflows(client, now, pause) if client else 0
    return CleanupResult(deleted, keys, workflows, backtests)


def delete_expired_keys(session: Session, now: dt.datetime) -> int:
    """Delete the oldest expired idempotency keys, inside write(); at most PIECE."""
    # The oldest have the lowest ids, so no index is needed, which every order would have to maintain.
    oldest = sa.select(IdempotencyKey.id, IdempotencyKey.created_at).order_by(IdempotencyKey.id).limit(PIECE)
    ids = [id for id, at in session.execute(oldest) if at < now - KEYS_FOR]
    _delete(session, IdempotencyKey, IdempotencyKey.id, ids)
    return len(ids)


def delete_old_backtests(session: Session, now: dt.datetime) -> int:
    """Delete backtests that began long ago and are over, inside write(); at most PIECE."""
    old = sa.and_(Backtest.created_at < now - BACKTESTS_FOR, Backtest.state.not_in(PENDING))
    ids = list(session.scalars(sa.select(Backtest.id).where(old).order_by(Backtest.id).limit(PIECE)))
    _delete(session, BacktestPart, BacktestPart.backtest_id, ids)
    _delete(session, Backtest, Backtest.id, ids)
    return len(ids)


def delete_old_deliveries(session: Session, now: dt.datetime) -> int:
    """Delete what shops sent long ago, inside write(); at most PIECE."""
    old = sa.select(ShopDelivery.id).where(ShopDelivery.received_at < now - KEPT_FOR)
    return delete_deliveries(
        session, list(session.scalars(old.order_by(ShopDelivery.received_at).limit(PIECE)))
    )


def delete_old_imports(session: Session, now: dt.datetime) -> int:
    """Delete the oldest file that was imported long ago, or never was, inside write(), piece by piece."""
    old = sa.select(CsvImport.id).where(CsvImport.created_at < now - IMPORTS_FOR)
    import_id = session.scalar(old.order_by(CsvImport.created_at).limit(1))
    if import_id is None:
        return 0
    for table in (CsvRecord, CsvPiece):
        few = sa.select(table.id).where(table.import_id == import_id).order_by(table.id).limit(PIECE)
        ids = list(session.scalars(few))
        if ids:
            _delete(session, table, table.id, ids)
            return PIECE
    _delete(session, CsvImport, CsvImport.id, [import_id])
    return PIECE


def delete_old_workflows(client: DBOSClient, now: dt.datetime, pause: Pause) -> int:
    """Delete the workflow library's rows of workflows that ended days ago."""
    before, deleted = (now - WORKFLOWS_FOR).isoformat(), 0
    ended = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
    while True:
        page = client.list_workflows(
            status=ended, completed_before=before, limit=PIECE, load_input=False, load_output=False
        )
        ids = [workflow.workflow_id for workflow in page]
        if ids:
            client.delete_workflows(ids)
        deleted += len(ids)
        if len(ids) < PIECE or not pause(PAUSE):
            return deleted


def _in_pieces(work: Callable[[Session], int], pause: Pause) -> int:
    deleted = 0
    while True:
        done = run_in_write(work)
        deleted += done
        if done < PIECE or not pause(PAUSE):
            return deleted


def _delete_occurrences(session: Session, store_id: int, outcome: str, before: dt.datetime) -> int:
    """Delete the oldest occurrences with this outcome and everything that refers to them; return how many."""
    old = sa.select(Occurrence.id).where(Occurrence.store_id == store_id, Occurrence.at < before)
    wanted = old.where(_has_outcome(outcome)).order_by(Occurrence.id).limit(PIECE)
    ids = list(session.scalars(wanted))
    evaluations = _ids(session, Evaluation.id, Evaluation.occurrence_id, ids)
    runs = _ids(session, Run.id, Run.evaluation_id, evaluations)
    # These outlive the run that created them.
    for table, column in ((Task, Task.run_id), (Notification, Notification.run_id)):
        _clear_reference(session, table, column, runs)
    _clear_reference(session, Due, Due.occurrence_id, ids)
    _clear_reference(session, ShadowDue, ShadowDue.occurrence_id, ids)
    for model, column in ((Release, Release.run_id), (Message, Message.run_id), (Attempt, Attempt.run_id)):
        _delete(session, model, column, runs)
    _delete(session, Run, Run.id, runs)
    counting.forget(session, evaluations)
    _delete(session, Evaluation, Evaluation.id, evaluations)
    _delete(session, Occurrence, Occurrence.id, ids)
    if ids:
        note_log_change(session, store_id)
    return len(ids)


def _has_outcome(outcome: str) -> sa.ColumnElement[bool]:
    """Match occurrences by outcome; those with unfinished runs never match."""
    fired = sa.select(Evaluation.id).where(Evaluation.occurrence_id == Occurrence.id)
    if outcome == NOTHING:
        return ~fired.exists()
    runs = fired.join(Run, Run.evaluation_id == Evaluation.id)
    # A person may still decide about an unknown run.
    under_way = runs.where(Run.state.not_in(FINAL) | (Run.state == UNKNOWN))
    # What some of its recipients were sent was sent, though the rest of it failed.
    done = runs.where(sa.or_(Run.state == SUCCEEDED, some_left()))
    if outcome == SENT:
        return sa.and_(done.exists(), ~under_way.exists())
    return sa.and_(fired.exists(), ~done.exists(), ~under_way.exists())


def _ids(session: Session, id: Any, column: Any, parents: Sequence[int]) -> list[int]:
    return list(session.scalars(sa.select(id).where(column.in_(parents)))) if parents else []


def _clear_reference(session: Session, table: type[Base], column: Any, ids: Sequence[int]) -> None:
    if ids:
        change = sa.update(table).where(column.in_(ids)).values({column: None})
        session.execute(change, execution_options=_WITHOUT_SYNCHRONIZING)


def _delete(session: Session, table: type[Base], column: Any, ids: Sequence[int]) -> None:
    if ids:
        session.execute(sa.delete(table).where(column.in_(ids)), execution_options=_WITHOUT_SYNCHRONIZING)
