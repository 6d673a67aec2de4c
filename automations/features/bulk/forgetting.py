"""Deletes bulk changes that nobody needs any more: the log and the audit say what they did."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.bulk_change import DRAFT, GATHERING, RUNNING, BulkChange, BulkRecord

#: How long a change is kept, and one that was looked at and never done.
KEPT_FOR = dt.timedelta(days=30)
LOOKED_AT_FOR = dt.timedelta(days=1)
#: Records of changes deleted in one transaction.
PIECE = 2_000


def delete_old(session: Session, now: dt.datetime) -> int:
    """Delete the records of the oldest change, and it when none is left, inside write(); return how many."""
    old = sa.or_(
        sa.and_(BulkChange.created_at < now - KEPT_FOR, BulkChange.state != RUNNING),
        sa.and_(BulkChange.created_at < now - LOOKED_AT_FOR, BulkChange.state.in_((GATHERING, DRAFT))),
    )
    id = session.scalar(sa.select(BulkChange.id).where(old).order_by(BulkChange.id).limit(1))
    if id is None:
        return 0
    of_it = sa.select(BulkRecord.id).where(BulkRecord.bulk_change_id == id).limit(PIECE)
    without = {"synchronize_session": False}
    rows = session.execute(sa.delete(BulkRecord).where(BulkRecord.id.in_(of_it)), execution_options=without)
    deleted = int(getattr(rows, "rowcount", 0))
    if not deleted:
        undone = sa.update(BulkChange).where(BulkChange.undoes_id == id).values(undoes_id=None)
        session.execute(undone, execution_options=without)
        session.execute(sa.delete(BulkChange).where(BulkChange.id == id), execution_options=without)
    return deleted or 1
