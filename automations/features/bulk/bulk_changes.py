"""Does a change of many records piece by piece, each record through the same door as any other change."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.bulk.record_values import values_for
from automations.features.scheduling import manual_run
from automations.models.access import audit
from automations.models.db.base import db, run_in_write
from automations.models.tables.automation import Version
from automations.models.tables.bulk_change import (
    CHANGED,
    DONE,
    DRAFT,
    REFUSED,
    RUNNING,
    SAME,
    BulkChange,
    BulkRecord,
)
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records import current_records
from automations.pipeline.records.change import Cause, Change

#: Records handled in one transaction: an order that arrives meanwhile waits for no more than these.
CHUNK = 100


def prepare(
    session: Session,
    store_id: int,
    user_id: int,
    subject: str,
    task: dict[str, Any],
    targets: Sequence[tuple[int, str | None]],
    now: dt.datetime,
) -> BulkChange:
    """Write down what is to be done with which records, (id, target), inside write(); nothing is done yet."""
    change = BulkChange(
        store_id=store_id, user_id=user_id, subject=subject, task=task, size=len(targets), created_at=now
    )
    session.add(change)
    session.flush()
    rows = [{"bulk_change_id": change.id, "record_id": id, "target": target} for id, target in targets]
    if rows:
        session.execute(sa.insert(BulkRecord), rows)
    return change


def begin(session: Session, change: BulkChange, about: str, words: str) -> bool:
    """Start a prepared change, inside write(); return False if it was started before."""
    session.refresh(change, with_for_update=True)
    if change.state != DRAFT:
        return False
    change.state = RUNNING
    audit.note(
        session,
        action="changed many",
        about=about,
        after={"change": words},
        store_id=change.store_id,
        user_id=change.user_id,
    )
    return True


def continue_all(now: Callable[[], dt.datetime], go_on: Callable[[], bool]) -> int:
    """Continue every change under way; return how many records were handled. Needs an application context."""
    under_way = sa.select(BulkChange.id).where(BulkChange.state == RUNNING).order_by(BulkChange.id)
    ids = db.session.scalars(under_way).all()
    db.session.rollback()
    return sum(go_on_with(id, now, go_on) for id in ids)


def go_on_with(change_id: int, now: Callable[[], dt.datetime], go_on: Callable[[], bool]) -> int:
    """Do pieces of one change while `go_on` says so; return how many records were handled."""
    handled = 0
    while go_on() and (done := run_in_write(partial(do_piece, change_id=change_id, now=now()))):
        handled += done
    return handled


def do_piece(session: Session, change_id: int, now: dt.datetime) -> int:
    """Do the next CHUNK records of a change under way, inside write(); return how many were handled."""
    change = session.get_one(BulkChange, change_id, with_for_update=True, populate_existing=True)
    if change.state != RUNNING:
        return 0
    rows = next_rows(session, change, CHUNK)
    counts = Counter(change.counts or {})
    counts.update(apply(session, change, rows, now))
    change.counts = dict(counts)
    if rows:
        change.after_id = rows[-1].id
    if len(rows) < CHUNK:
        change.state, change.finished_at = DONE, now
    session.flush()
    return len(rows)


def next_rows(session: Session, change: BulkChange, limit: int) -> Sequence[BulkRecord]:
    """Return the next records of a change that were not handled yet."""
    todo = sa.and_(BulkRecord.bulk_change_id == change.id, BulkRecord.id > change.after_id)
    return session.scalars(sa.select(BulkRecord).where(todo).order_by(BulkRecord.id).limit(limit)).all()


def apply(session: Session, change: BulkChange, rows: Sequence[BulkRecord], now: dt.datetime) -> Counter[str]:
    """Change these records, inside write(); return how many were changed, left, refused, and what fired."""
    store, user = session.get_one(Store, change.store_id), session.get_one(User, change.user_id)
    if change.task["kind"] == "run":
        return _run(session, store, user, change, rows, now)
    cause, subject, counts = Cause("person", user.name), change.subject, Counter[str]()
    records = current_records.rows_of(session, subject, store.id, [row.record_id for row in rows], lock=True)
    by_id, changes = {record["id"]: record for record in records}, []
    for row in rows:
        record = by_id.get(row.record_id)
        values = values_for(change.task, record, row.target) if record else None
        row.outcome = REFUSED if values is None else CHANGED if values else SAME
        counts[row.outcome] += 1
        if record and values:
            row.was = record[change.task["column"]] if change.task["kind"] == "set" else None
            changes.append(Change(record["number"], values))
    if changes:
        received = receive(session, store, subject, changes, cause, now)
        counts["fired"] += sum(one.fired for one in received)
    return counts


def _run(
    session: Session,
    store: Store,
    user: User,
    change: BulkChange,
    rows: Sequence[BulkRecord],
    now: dt.datetime,
) -> Counter[str]:
    version = session.get_one(Version, change.task["version_id"])
    if not rows:
        return Counter()
    fired = manual_run.run(session, store, version, [row.record_id for row in rows], user, now)
    for row in rows:
        row.outcome = CHANGED
    return Counter({CHANGED: fired, SAME: len(rows) - fired, "fired": fired})
