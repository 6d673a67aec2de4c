"""The scan of the time triggers: writes what became due since the last scan.

Small transactions, each complete in itself: what a killed scan did not write, the next one
does, and what it wrote stays written. A date that moved needs no work here: only the record as it is counts.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy.orm import Session

from automations.engine.rules.trigger_schedule import Scheduled
from automations.features.scheduling import due_occurrences, late_dates, seen_instants
from automations.features.scheduling.clock_set_back import going_over
from automations.features.scheduling.due_columns import SETTLE, DueQuery
from automations.features.scheduling.late_dates import Timed
from automations.features.scheduling.listening_spans import Span, live_spans, mark, open_spans, still_as_read
from automations.features.scheduling.recurring import scan_regular
from automations.features.scheduling.seen_instants import Pair
from automations.models.db.base import db, run_in_write
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import Row

log = logging.getLogger("automations.schedule")

GoOn = Callable[[], bool]
_MOMENT = dt.timedelta(microseconds=1)


def scan(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Write everything due up to `now` and return the number of occurrences. Needs an application context.

    `go_on` is asked between transactions; when it returns False, the rest is left for the next scan.
    """
    spans = open_spans(db.session())
    db.session.rollback()
    return sum(_scan_safely(span, now, go_on) for span in spans)


def scan_here(session: Session, store_id: int, now: dt.datetime) -> int:
    """Scan the dates of one store in the caller's transaction, even beside another scan."""
    written = 0
    for span in live_spans(session, store_id):
        if not isinstance(span.schedule, Scheduled):
            watch, low = DueQuery.of(span), span.looked_to
            for ids in _pages(session, watch, low, now):
                rows = current_records.rows_of(session, span.subject, store_id, ids)
                written += _write(session, watch, _new(session, watch, rows, low, now), now)
            mark(session, span).looked_to = now
    return written


def _scan_safely(span: Span, now: dt.datetime, go_on: GoOn) -> int:
    # An automation that cannot be scanned must not keep the others from running.
    try:
        return _scan_one(span, now, go_on)
    except Exception:
        log.exception("scan of version %s", span.live.version_id)
        return 0
    finally:
        db.session.rollback()


def _scan_one(span: Span, now: dt.datetime, go_on: GoOn) -> int:
    if not span.on:
        _look_no_further(span)
        return 0
    span = going_over(span, now)
    if isinstance(span.schedule, Scheduled):
        return scan_regular(span, span.schedule, now, go_on)
    return _scan_dates(DueQuery.of(span), now, go_on)


def _look_no_further(span: Span) -> None:
    """Close the span, so that what was missed while it was off is not caught up later."""
    ended = span.ended_at or span.looked_to
    run_in_write(lambda session: setattr(mark(session, span), "looked_to", ended))


def _scan_dates(watch: DueQuery, now: dt.datetime, go_on: GoOn) -> int:
    span = watch.span
    low, high, total = span.looked_to, span.until(now), 0
    for ids in _pages(db.session(), watch, low, high):
        if not go_on():
            return total
        # Without a lock first: most of what is scanned twice was written the first time.
        if _new(db.session(), watch, watch.look(db.session(), ids), low, high):
            done = run_in_write(partial(_write_page, watch=watch, ids=ids, low=low, high=high, now=now))
            if done is None:
                return total
            written, seen = done
            seen_instants.remember(db.session(), span.listening_id, seen, now)
            total += written
    _settle(span, high, now)
    return total


def _pages(session: Session, watch: DueQuery, low: dt.datetime, high: dt.datetime) -> Iterator[list[int]]:
    """Yield pages of ids of records that may be due by their time, then of those that may be due at once."""
    yield from watch.pages(session, low, high)
    yield from late_dates.recent_pages(session, watch, low)


def _write_page(
    session: Session, watch: DueQuery, ids: list[int], low: dt.datetime, high: dt.datetime, now: dt.datetime
) -> tuple[int, list[Pair]] | None:
    """Return the number of occurrences written, and everything that was evaluated.

    None if the span ended meanwhile and has to be read again.
    """
    span = watch.span
    mark(session, span)
    if not still_as_read(session, span):
        return None
    rows = current_records.rows_of(session, span.subject, span.store_id, ids, lock=True)
    items = _new(session, watch, rows, low, high)
    return _write(session, watch, items, now), [(row["id"], instant) for row, instant, _ in items]


def _write(session: Session, watch: DueQuery, items: list[Timed], now: dt.datetime) -> int:
    """Write what fires of these, in time first; return how many."""
    written = 0
    for late, cause in ((False, due_occurrences.CAUSE), (True, due_occurrences.CAUSE_LATE)):
        due = [(row, instant) for row, instant, is_late in items if is_late is late]
        written += due_occurrences.write_due(session, watch.span, due, now, only_fired=True, cause=cause)
    return written


def _new(
    session: Session, watch: DueQuery, rows: list[Row], low: dt.datetime, high: dt.datetime
) -> list[Timed]:
    """Return what is due of these records and was not evaluated yet, ordered by instant."""
    items = late_dates.timed(session, watch, rows, low, high)
    if not items:
        return []
    ids, first = {row["id"] for row, *_ in items}, min(instant for _, instant, _ in items)
    processed = due_occurrences.written(session, watch.span, ids, first - _MOMENT, high)
    processed |= seen_instants.remembered(session, watch.span.listening_id)
    new = [item for item in items if (item[0]["id"], item[1]) not in processed]
    return sorted(new, key=lambda item: (item[1], item[0]["id"]))


def _settle(span: Span, high: dt.datetime, now: dt.datetime) -> None:
    """Advance the mark to where nothing can still turn up; rarely, as it costs a transaction.

    A transaction that began before an instant may commit after the scan, so the last minute is
    scanned again; what is written already is found in `due`.
    """
    # What ended before the clock was set back is over.
    settled = high if high > now else min(high, now - SETTLE)
    if settled > span.looked_to and (settled - span.looked_to >= SETTLE or span.ended_at):
        run_in_write(lambda session: _move(session, span, settled))
        seen_instants.forget(db.session(), span.listening_id, settled - SETTLE)


def _move(session: Session, span: Span, settled: dt.datetime) -> None:
    scan_mark = mark(session, span)
    scan_mark.looked_to = max(scan_mark.looked_to, settled)
