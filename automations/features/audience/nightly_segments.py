"""Refreshes, every night, the segments whose members change by time, and those that ask what was bought.

Membership is a state: after nights without a worker one refresh makes up for all of them, and
a customer who would have entered and left again in between did neither.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.operators.distances import is_distance
from automations.engine.rules.calendar import local_time
from automations.models.db.base import db, run_in_write
from automations.models.tables.segment import Segment
from automations.models.tables.store import Store
from automations.pipeline.evaluation import segment_membership
from automations.pipeline.records import current_records
from automations.pipeline.records.change import Cause
from automations.pipeline.records.snapshots import PURCHASE_TOTALS

log = logging.getLogger("automations.segments")

#: The hour, in the store's zone, of the nightly refresh.
HOUR = dt.timedelta(hours=3)
CAUSE = Cause("schedule", "the clock")

GoOn = Callable[[], bool]


def refresh_due(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Refresh every segment that is due; return how many entries and exits there were.

    Small transactions: what a killed worker had written stays, and is not a move again the next time.
    Needs an application context.
    """
    stores = [store.id for store in _due(db.session(), now)]
    db.session.rollback()
    return sum(_safely(store_id, now, go_on) for store_id in stores)


def night_of(now: dt.datetime, zone: ZoneInfo) -> dt.date:
    """Return the instant of the last nightly refresh that is due in `zone`."""
    return (local_time(now, zone) - HOUR).date()


def _due(session: Session, now: dt.datetime) -> list[Store]:
    oldest = sa.select(Segment.store_id, sa.func.min(sa.func.coalesce(Segment.refreshed_on, dt.date.min)))
    looked_at = dict(session.execute(oldest.group_by(Segment.store_id)).all())
    stores = session.scalars(sa.select(Store).where(Store.id.in_(looked_at)).order_by(Store.id))
    return [store for store in stores if looked_at[store.id] != night_of(now, ZoneInfo(store.timezone))]


def _safely(store_id: int, now: dt.datetime, go_on: GoOn) -> int:
    # A store whose segments cannot be refreshed must not hold up the others.
    try:
        return _refresh(store_id, now, go_on)
    except Exception:
        log.exception("segments of store %s", store_id)
        return 0
    finally:
        db.session.rollback()


def _refresh(store_id: int, now: dt.datetime, go_on: GoOn) -> int:
    session = db.session()
    store = session.get_one(Store, store_id)
    of_store = session.scalars(sa.select(Segment).where(Segment.store_id == store_id)).all()
    timed = [segment for segment in of_store if _changes_unseen(segment)]
    moved = 0
    for rows in segment_membership.pages(session, store_id) if timed else ():
        if not go_on():
            return moved
        snapshots = current_records.snapshots(session, "customer", store, rows)
        # Without a lock first: on most nights most customers stay where they are.
        ids = _moving(session, store, timed, snapshots, now)
        if ids:
            moved += run_in_write(partial(_follow, store_id=store_id, ids=ids, now=now))
    night, ids = night_of(now, ZoneInfo(store.timezone)), [segment.id for segment in of_store]
    run_in_write(lambda session: _mark(session, ids, night))
    return moved


def _moving(
    session: Session,
    store: Store,
    timed: Sequence[Segment],
    snapshots: Sequence[dict[str, object]],
    now: dt.datetime,
) -> list[int]:
    names = {segment.id for segment in timed}
    entered, left = segment_membership.membership_changes(session, store, timed, snapshots, now)
    return sorted({id for segment_id, id in (*entered, *left) if segment_id in names})


def _follow(session: Session, store_id: int, ids: Sequence[int], now: dt.datetime) -> int:
    return segment_membership.update_members(session, session.get_one(Store, store_id), ids, CAUSE, now)


def _mark(session: Session, ids: Sequence[int], night: dt.date) -> None:
    session.execute(sa.update(Segment).where(Segment.id.in_(ids)).values(refreshed_on=night))


def _changes_unseen(segment: Segment) -> bool:
    """Whether members may change without a change of a record: by time, or with what counts as bought."""
    keys = segment_membership.rule_of(segment).fields
    return any(is_distance(key) or key in PURCHASE_TOTALS for key in keys)
