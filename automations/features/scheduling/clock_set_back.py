"""What a scan does after the clock was set back: it goes over the repeated time once more.

How far a span was scanned then lies in the future. Left there, nothing would be due before the clock gets
there again, and records made in the repeated time would lose what is due in it for good. What was written the
first time stands in `due`, so it is not written twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.scheduling.due_columns import SETTLE
from automations.features.scheduling.listening_spans import Span, mark
from automations.models.db.base import db, run_in_write
from automations.models.tables.occurrence import Occurrence

#: The clocks of two machines may differ by this much without one having been set back.
SKEW = dt.timedelta(seconds=5)


def going_over(span: Span, now: dt.datetime) -> Span:
    """Return the span as it is to be scanned: from the start of the repeated time, if there is any."""
    if span.ended_at is not None or span.looked_to <= now + SKEW:
        return span
    start = _repeated_from(db.session(), span.store_id, now) - SETTLE
    run_in_write(lambda session: _go_back(session, span, start))
    return replace(span, looked_to=start)


def _repeated_from(session: Session, store_id: int, now: dt.datetime) -> dt.datetime:
    """Return since when time is repeated: the first thing logged after what the log has in the future."""
    in_store = Occurrence.store_id == store_id
    last_before = session.scalar(sa.select(sa.func.max(Occurrence.id)).where(in_store, Occurrence.at > now))
    if last_before is None:
        return now
    since = sa.select(sa.func.min(Occurrence.at)).where(in_store, Occurrence.id > last_before)
    return session.scalar(since) or now


def _go_back(session: Session, span: Span, start: dt.datetime) -> None:
    scan_mark = mark(session, span)
    if scan_mark.looked_to == span.looked_to:
        scan_mark.looked_to, scan_mark.firing_at, scan_mark.after_id = start, None, 0
