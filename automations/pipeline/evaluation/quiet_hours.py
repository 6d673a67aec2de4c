"""Quiet hours: marketing waits for the morning by the store's own clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.calendar import local_instant, local_time
from automations.models.tables.run import QUEUED, WAITING, Run
from automations.models.tables.store import Store

#: Where the store says nothing else, no marketing leaves from the first to the second.
USUAL = ("20:00", "08:00")


def span_of(hours: Sequence[str] | None) -> tuple[dt.time, dt.time] | None:
    """From when until when it is quiet, perhaps over midnight; None for never."""
    first, last = (USUAL if hours is None else hours) or ("", "")
    return (dt.time.fromisoformat(first), dt.time.fromisoformat(last)) if first else None


def after_quiet_hours(due_at: dt.datetime, zone: ZoneInfo, hours: Sequence[str] | None) -> dt.datetime:
    """`due_at` itself, or when the quiet hours end that it falls into."""
    span, shown = span_of(hours), local_time(due_at, zone)
    if span is None or not _within(shown.time(), *span):
        return due_at
    day = shown.date() + dt.timedelta(days=1 if shown.time() >= span[1] else 0)
    return local_instant(dt.datetime.combine(day, span[1]), zone)


def put_off(
    session: Session, runs: sa.ColumnElement[bool], marketing: Collection[str], now: dt.datetime
) -> None:
    """Let queued marketing that came late, or is tried again, wait until it may leave.

    `runs` selects the claimed runs, `marketing` the kinds of action.
    What a person sends now goes, and what was begun is brought to its end.
    """
    mine = sa.and_(runs, Run.state == QUEUED, Run.kind.in_(marketing), Run.hastened_at.is_(None))
    mine = sa.and_(mine, Run.deaths.is_(None))
    for run in session.scalars(sa.select(Run).where(mine).execution_options(populate_existing=True)).all():
        store = session.get_one(Store, run.store_id)
        later = after_quiet_hours(now, ZoneInfo(store.timezone), store.quiet_hours)
        if later > now:
            run.state, run.due_at, run.workflow_id = WAITING, later, None
    session.flush()


def _within(time: dt.time, first: dt.time, last: dt.time) -> bool:
    return first <= time < last if first < last else time >= first or time < last
