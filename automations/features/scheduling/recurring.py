"""Recurring schedules: at each instant every record of the subject is evaluated.

What cannot be evaluated is written once for each record and reason, not at each instant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from itertools import takewhile

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.calendar import times
from automations.engine.rules.trigger_schedule import Scheduled
from automations.features.scheduling import due_occurrences, sql_prefilter
from automations.features.scheduling.listening_spans import Span, mark, still_as_read
from automations.models.db.base import run_in_write
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import KINDS

#: Records evaluated in one transaction.
PAGE = 500


def scan_regular(span: Span, schedule: Scheduled, now: dt.datetime, go_on: Callable[[], bool]) -> int:
    """Write everything due up to `now`, instant by instant; records created after an instant are left out."""
    written, until = 0, span.until(now)
    for firing_at in takewhile(lambda at: at <= until, times(schedule, span.looked_to, span.zone)):
        more = True
        while more:
            if not go_on():
                return written
            fired, more = run_in_write(partial(_write_page, span=span, firing_at=firing_at, now=now))
            written += fired
    return written


def _write_page(session: Session, span: Span, firing_at: dt.datetime, now: dt.datetime) -> tuple[int, bool]:
    """Evaluate the next records; return how many fired, and whether there are more."""
    scan_mark = mark(session, span)
    if scan_mark.looked_to >= firing_at or not still_as_read(session, span):
        return 0, False
    after = scan_mark.after_id if scan_mark.firing_at == firing_at else 0
    ids = session.scalars(_page(span, firing_at, after)).all()
    rows = current_records.rows_of(session, span.subject, span.store_id, ids, lock=True)
    processed = due_occurrences.written(session, span, ids, firing_at - dt.timedelta(seconds=1), firing_at)
    items = [(row, firing_at) for row in rows if (row["id"], firing_at) not in processed]
    fired = due_occurrences.write_due(session, span, items, now, only_fired=True, errors_once=True)
    if len(ids) == PAGE:
        scan_mark.firing_at, scan_mark.after_id = firing_at, ids[-1]
        return fired, True
    scan_mark.looked_to, scan_mark.firing_at, scan_mark.after_id = firing_at, None, 0
    return fired, False


def _page(span: Span, firing_at: dt.datetime, after: int) -> sa.Select[int]:
    table = KINDS[span.subject].table
    in_store = sa.and_(table.c.store_id == span.store_id, table.c.id > after, table.c.created_at <= firing_at)
    clauses = sql_prefilter.clauses(span.live.rule, table)
    return sa.select(table.c.id).where(in_store, *clauses).order_by(table.c.id).limit(PAGE)
