"""Writes down the records of a bulk change piece by piece, however many a search finds.

Nothing is locked while they are looked for, and each piece is a transaction of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search.record_queries import MODELS
from automations.features.search.text_matches import every_match
from automations.models.db.base import db, run_in_write
from automations.models.db.newest_first import newest_matches
from automations.models.tables.bulk_change import CHANGED, DRAFT, GATHERING, BulkChange, BulkRecord
from automations.models.tables.store import Store

#: Records written down in one transaction.
PIECE = 2_000

GoOn = Callable[[], bool]
#: The id of a record, what it is to become, and the key from which the next piece goes on.
_Found = tuple[int, str | None, int]


def begin(
    session: Session,
    store_id: int,
    user_id: int,
    subject: str,
    task: Mapping[str, Any],
    query: Mapping[str, Any] | None,
    now: dt.datetime,
    undoes_id: int | None = None,
) -> BulkChange:
    """Note what is to be done, inside write(), with all that `query` finds or that `undoes_id` changed.

    `query` is {"text": "rose", "filters": {"status": "confirmed"}}. What comes later than now is left out.
    """
    change = BulkChange(store_id=store_id, user_id=user_id, subject=subject, task=task, query=query, size=0)
    change.state, change.created_at, change.undoes_id = GATHERING, now, undoes_id
    session.add(change)
    session.flush()
    return change


def gather_all(go_on: GoOn) -> None:
    """Go on with every change whose records are being looked for. Needs an application context."""
    query = sa.select(BulkChange.id).where(BulkChange.state == GATHERING).order_by(BulkChange.id)
    ids = db.session.scalars(query).all()
    db.session.rollback()
    for id in ids:
        gather(id, go_on)


def gather(change_id: int, go_on: GoOn) -> bool:
    """Write down piece after piece while `go_on` says so; return whether all are there."""
    while go_on():
        session = db.session()
        change = session.get(BulkChange, change_id, populate_existing=True)
        if change is None or change.state != GATHERING:
            session.rollback()
            return True
        found, key = _next(session, change), change.gathered_to
        session.rollback()
        run_in_write(partial(_keep, change_id=change_id, found=found, key=key))
    return False


def _next(session: Session, change: BulkChange) -> Sequence[_Found]:
    return _changed(session, change) if change.undoes_id else _matching(session, change)


def _matching(session: Session, change: BulkChange) -> Sequence[_Found]:
    model, query = MODELS[change.subject], change.query or {}
    matches = [getattr(model, name) == key for name, key in query.get("filters", {}).items()]
    if text := query.get("text"):
        matches.append(every_match(session.get_one(Store, change.store_id), change.subject, text))
    found = newest_matches(model, change.store_id, matches, change.gathered_to)
    return [(id, None, id) for id in session.scalars(found.limit(PIECE))]


def _changed(session: Session, change: BulkChange) -> Sequence[_Found]:
    """Return the next records that the change to be undone did change."""
    done = [BulkRecord.bulk_change_id == change.undoes_id, BulkRecord.outcome == CHANGED]
    if change.gathered_to is not None:
        done.append(BulkRecord.id > change.gathered_to)
    query = sa.select(BulkRecord.record_id, BulkRecord.was, BulkRecord.id).where(*done)
    return session.execute(query.order_by(BulkRecord.id).limit(PIECE)).all()


def _keep(session: Session, change_id: int, found: Sequence[_Found], key: int | None) -> None:
    """Write a piece down, unless the change was stopped or another one wrote it meanwhile."""
    change = session.get_one(BulkChange, change_id, with_for_update=True, populate_existing=True)
    if change.state != GATHERING or change.gathered_to != key:
        return
    rows = [{"bulk_change_id": change_id, "record_id": id, "target": target} for id, target, _ in found]
    if rows:
        session.execute(sa.insert(BulkRecord), rows)
        change.gathered_to = found[-1][2]
    change.size += len(rows)
    if len(rows) < PIECE:
        # What was searched for may be a person's name; it is needed no more.
        change.state, change.query = DRAFT, None
    session.flush()
