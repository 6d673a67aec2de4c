"""Quiet hours: marketing waits until they end, in the store's own time zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.calendar import local_instant, local_time
from automations.models.tables.run import QUEUED, WAITING, Run
from automations.models.tables.store import Store

#: The quiet hours of a store that has set none: from, until.
USUAL = ("20:00", "08:00")


def span_of(hours: Sequence[str] | None) -> tuple[dt.time, dt.time] | None:
    """Return the start and end of the quiet hours, perhaps over midnight; None if there are none."""
    first, last = (USUAL if hours is None else hours) or ("", "")
    return (dt.time.fromisoformat(first), dt.time.fromisoformat(last)) if first else None


def after_quiet_hours(due_at: dt.datetime, zone: ZoneInfo, hours: Sequence[str] | None) -> dt.datetime:
    """Return `due_at`, or the end of the quiet hours it falls into."""
    span, shown = span_of(hours), local_time(due_at, zone)
    if span is None or not _within(shown.time(), *span):
        return due_at
    day = shown.date() + dt.timedelta(days=1 if shown.time() >= span[1] else 0)
    return local_instant(dt.datetime.combine(day, span[1]), zone)


def postpone(
    session: Session, runs: sa.ColumnElement[bool], marketing: Collection[str], now: dt.datetime
) -> None:
    """Postpone queued marketing that came late, or is tried again, until the quiet hours end.

    `runs` selects the claimed runs, `marketing` names the kinds of action. Runs that a person sends early,
    and those whose worker died while doing them, are left alone.
    """
    postponed = sa.and_(runs, Run.state == QUEUED, Run.kind.in_(marketing), Run.hastened_at.is_(None))
    postponed = sa.and_(postponed, Run.deaths.is_(None))
    for run in session.scalars(
        sa.select(Run).where(postponed).execution_options(populate_existing=True)
    ).all():
        store = session.get_one(Store, run.store_id)
        later = after_quiet_hours(now, ZoneInfo(store.timezone), store.quiet_hours)
        if later > now:
            run.state, run.due_at, run.workflow_id = WAITING, later, None
    session.flush()


def _within(time: dt.time, first: dt.time, last: dt.time) -> bool:
    return first <= time < last if first < last else time >= first or time < last
