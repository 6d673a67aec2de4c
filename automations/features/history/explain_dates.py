"""Why an automation that waits for a date, or for a status to last, did not run at a record’s last time.

What did not fire has no row. When the record was due follows from its past: the dates and statuses it had,
each from one change to the next. Beside: explain_schedule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain.explanation import Explanation
from automations.engine.fields.problem import lower
from automations.engine.rules.calendar import Anchor, due_between
from automations.engine.rules.lateness import GRACE, NEVER
from automations.engine.rules.trigger_schedule import Scheduled
from automations.engine.wording import wording
from automations.engine.wording.late_phrases import span_words
from automations.features.history.explain_schedule import (
    LAST,
    Question,
    ScheduleAnswer,
    as_evaluated,
    evaluated_at,
    has_row,
)
from automations.features.scheduling.due_columns import SETTLE, DueQuery, NoColumn
from automations.features.scheduling.listening_spans import Span, spans_of
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Occurrence

#: Latest occurrences of a record from which its past is read.
LOOKED_BACK = 100
_START, _END = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A date that the record had, or the start of a status it was in, from one change to the next."""

    anchor: Anchor
    begun: dt.datetime
    ended: dt.datetime = _END


@dataclass(frozen=True, slots=True)
class _Past:
    """The last instants of a record, in order; `set_at` if its date was set when they were over already."""

    watch: DueQuery
    instants: Sequence[dt.datetime]
    set_at: dt.datetime | None = None

    @property
    def span(self) -> Span:
        return self.watch.span


def at_last_dates(
    session: Session, question: Question, now: dt.datetime | None = None
) -> ScheduleAnswer | None:
    """Return why it did not fire at the record's last time before `now`; None if a row says it, or it never
    was due.
    """
    past = _last(session, question, now or _END)
    if past is None or has_row(session, question, past.instants[-1]):
        return None
    version = session.get_one(Version, past.span.live.version_id)
    if past.set_at is None:
        return as_evaluated(session, question, version, past.instants)
    return _already_over(session, question, version, past, past.set_at)


def _last(session: Session, question: Question, now: dt.datetime) -> _Past | None:
    for span in spans_of(session, question.automation.id):
        try:
            watch = DueQuery.of(span) if not isinstance(span.schedule, Scheduled) else None
        except NoColumn:
            continue
        # A scan leaves its mark a little behind.
        high = span.until(min(now, span.looked_to + 2 * SETTLE))
        past = _within(session, question, watch, high) if watch else None
        if past:
            return past
    return None


def _within(session: Session, question: Question, watch: DueQuery, high: dt.datetime) -> _Past | None:
    """Return the last instants of a record while one version listened."""
    span = watch.span
    for stretch in reversed(list(_stretches(session, question, watch))):
        until = min(high, stretch.ended)
        since = max(span.started_at, stretch.begun - GRACE)
        on_time = due_between(watch.counted, stretch.anchor, since, until, span.zone)
        if on_time:
            return _Past(watch, on_time[-LAST:])
        if span.started_at < stretch.begun <= high:
            over = due_between(watch.counted, stretch.anchor, _START, stretch.begun - GRACE, span.zone)
            coming = due_between(watch.counted, stretch.anchor, until, stretch.ended, span.zone)
            if over and not coming:
                return _Past(watch, over[-1:], stretch.begun)
    return None


def _stretches(session: Session, question: Question, watch: DueQuery) -> Iterator[_Stretch]:
    """Yield the stretches of a record, oldest first."""
    span = watch.span
    of_record = sa.and_(
        Occurrence.store_id == span.store_id,
        Occurrence.subject == span.subject,
        Occurrence.record_id == question.record_id,
    )
    query = sa.select(Occurrence.at, Occurrence.snapshot).where(of_record)
    rows = session.execute(query.order_by(Occurrence.id.desc()).limit(LOOKED_BACK)).all()
    fields, current = question.words.subject(span.subject).fields, None
    for at, snapshot in reversed(rows):
        if watch.status:
            is_in = snapshot.get(watch.status[0]) == watch.status[1]
            anchor: Anchor | None = (current.anchor if current else at) if is_in else None
        else:
            field = fields.get(watch.counted.field)
            value = field.value(snapshot) if field else None
            anchor = value if isinstance(value, dt.date) else None
        if current and anchor == current.anchor:
            continue
        if current:
            yield replace(current, ended=at)
        current = _Stretch(anchor, at) if anchor is not None else None
    if current:
        yield current


def _already_over(
    session: Session, question: Question, version: Version, past: _Past, set_at: dt.datetime
) -> ScheduleAnswer:
    name, record, at = question.automation.name, question.record, past.instants[-1]
    limit, formats = past.watch.counted.late_limit, question.words.formats
    subject = question.words.subject(version.subject)
    date = lower(subject.fields[past.watch.counted.field].label)
    over = f"{name} was due for {record} on {{since}}, which was over already when the {date} was set"
    if limit == NEVER:
        return ScheduleAnswer(f"{over}. It skips what is over.", at)
    if set_at - at > limit:
        late = f"{over}, for {span_words(set_at - at, formats)}"
        return ScheduleAnswer(f"{late}. It may be at most {span_words(limit, formats)} late.", at)
    verdicts = evaluated_at(session, question, version, set_at)
    if not isinstance(verdicts, Explanation):
        return ScheduleAnswer(verdicts, at)
    if verdicts.fires:
        return ScheduleAnswer(f"{over}. It has not been sent yet.", at, verdicts)
    why = wording.why_not(record, name, verdicts, subject, question.words)
    return ScheduleAnswer(f"{over}. {why}", at, verdicts)
