"""Why an automation on a schedule did not run: its last instants, evaluated on the record as it was then.

A time trigger leaves no row for a record whose conditions did not hold. Nothing is lost: when it was due
follows from the version, and what the record was from its occurrences. Beside: why_not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain.explanation import Explanation, explain
from automations.engine.fields.problem import lower
from automations.engine.rules.calendar import times
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import rule_from
from automations.engine.rules.trigger_schedule import Scheduled, StaysInStatus
from automations.engine.wording import wording
from automations.features.scheduling.due_columns import DueQuery, NoColumn
from automations.features.scheduling.listening_spans import live_spans
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.schedule_progress import Due, ScanMark
from automations.models.tables.segment import SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.evaluation import segment_membership
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.records import current_records
from automations.pipeline.records.purchase_totals import add_purchase_totals
from automations.pipeline.records.record_kinds import Row

#: Last instants that are looked at.
LAST = 3
#: Days searched back: covers three monthly instants.
_FAR = dt.timedelta(days=100)
_AHEAD = dt.timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class ScheduleAnswer:
    """A sentence, which may name an instant as "{since}", and the conditions it rests on."""

    sentence: str
    since: dt.datetime | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """The store, record and automation that the question is about."""

    store: Store
    words: StoreWords
    record_id: int
    record: str
    automation: Automation


def at_last_times(session: Session, question: Question) -> ScheduleAnswer | None:
    """Return how a schedule evaluated a record at its last times; None if a row says it, or it never was
    due.
    """
    version, instants = _last_times(session, question)
    if version is None or not instants or has_row(session, question, instants[-1]):
        return None
    return as_evaluated(session, question, version, instants)


def as_evaluated(
    session: Session, question: Question, version: Version, instants: Sequence[dt.datetime]
) -> ScheduleAnswer:
    """Return how a record was evaluated at its last instants, which left no row. They are in order."""
    record, automation, words = question.record, question.automation, question.words
    verdicts = [(at, evaluated_at(session, question, version, at)) for at in reversed(instants)]
    latest, first = verdicts[0]
    if isinstance(first, str):
        return ScheduleAnswer(first, latest)
    failed = [at for at, _ in takewhile(lambda pair: _failed(pair[1]), verdicts)]
    if not failed:
        although = "although its conditions held according to the stored data"
        return ScheduleAnswer(
            f"{record} · {automation.name} did not run at {{since}}, {although}.", latest, first
        )
    name = automation.name
    sentence = wording.why_not(record, name, first, words.subject(version.subject), words)
    often = f"the last {len(failed)} times it was due, most recently" if len(failed) > 1 else "the last time,"
    off = "" if automation.active_version_id else " It is switched off now."
    return ScheduleAnswer(f"{sentence} This was so {often} {{since}}.{off}", latest, first)


def still_to_come(session: Session, question: Question, now: dt.datetime) -> ScheduleAnswer | None:
    """Return what a record lacks to become due, or when it will be; None if the trigger does not depend on
    the record.
    """
    store, words, automation = question.store, question.words, question.automation
    record_id, record = question.record_id, question.record
    spans = live_spans(session, store.id, automation.id)
    try:
        watch = DueQuery.of(spans[-1]) if spans else None
    except NoColumn:
        return None
    rows = current_records.rows_of(session, watch.span.subject, store.id, [record_id]) if watch else []
    if watch is None or not rows:
        return None
    lacking = _lacking(watch, rows[0], words)
    if lacking:
        return ScheduleAnswer(f"{automation.name} waits for {lacking}.")
    coming = watch.instants(rows[0], now, now + _AHEAD)
    if coming:
        return ScheduleAnswer(f"{automation.name} is due for {record} on {{since}}.", coming[0])
    past = watch.all_instants(rows[0], now - _AHEAD, now)
    sentence = f"{automation.name} was due for {record} on {{since}}, when it was not switched on."
    return ScheduleAnswer(sentence, past[-1]) if past and past[-1] <= watch.span.started_at else None


def _last_times(session: Session, question: Question) -> tuple[Version | None, list[dt.datetime]]:
    """Return the version that was due last, and the last instants it processed, in order."""
    query = sa.select(Listening, ScanMark).outerjoin(ScanMark, ScanMark.listening_id == Listening.id)
    of_automation = query.join(Listening.version).where(
        Version.automation_id == question.automation.id, ~Version.shadow
    )
    zone = ZoneInfo(question.store.timezone)
    for span, mark in session.execute(of_automation.order_by(Listening.id.desc())).all():
        schedule = rule_from(span.version_id, span.version.definition).trigger.schedule
        if not isinstance(schedule, Scheduled) or mark is None:
            continue
        instants = _between(schedule, max(span.started_at, mark.looked_to - _FAR), mark.looked_to, zone)
        if instants:
            return span.version, instants[-LAST:]
    return None, []


def _between(schedule: Scheduled, low: dt.datetime, high: dt.datetime, zone: ZoneInfo) -> list[dt.datetime]:
    return list(takewhile(lambda at: at <= high, times(schedule, low, zone)))


def has_row(session: Session, question: Question, at: dt.datetime) -> bool:
    of_record = sa.and_(Due.automation_id == question.automation.id, Due.record_id == question.record_id)
    return session.scalar(sa.select(Due.id).where(of_record, Due.due_at == at)) is not None


def evaluated_at(
    session: Session, question: Question, version: Version, at: dt.datetime
) -> Explanation | str:
    """Return the verdicts at `at`, or a sentence that says why there are none."""
    rule, name = rule_from(version.id, version.definition), question.automation.name
    snapshot = _as_it_was(session, question, version.subject, question.record_id, at)
    if snapshot is None:
        return _nothing_kept(session, question, version.subject, at)
    schedule = rule.trigger.schedule
    segment = schedule.segment if isinstance(schedule, Scheduled) else None
    if segment and not _belonged(session, question, int(segment), at):
        called = question.words.reference("segment", segment)
        return (
            f"{name} is for the segment {called}; {question.record} was not in it when it was due, {{since}}."
        )
    custom, zone = question.words.custom_ever(version.subject), ZoneInfo(question.store.timezone)
    context = EvaluationContext(at.astimezone(zone), is_working(at, zone, question.store.working_hours))
    occurrence = OccurrenceFacts(version.subject, version.trigger, snapshot, context=context)
    try:
        return explain(rule, occurrence.read(rule.fields, custom), custom)
    except ValueError as problem:
        return f"{name} could not be checked when it was due, {{since}}: {problem}"


def _nothing_kept(session: Session, question: Question, subject: str, at: dt.datetime) -> str:
    name, rows = (
        question.automation.name,
        current_records.rows_of(session, subject, question.store.id, [question.record_id]),
    )
    if rows and rows[0]["created_at"] > at:
        return f"{name} was last due on {{since}}, before {question.record} existed."
    return f"{name} was last due on {{since}}; the data of {question.record} from then is no longer kept."


def _failed(evaluated: Explanation | str) -> bool:
    return isinstance(evaluated, Explanation) and not evaluated.fires


def _as_it_was(
    session: Session, question: Question, subject: str, record_id: int, at: dt.datetime
) -> Mapping[str, Any] | None:
    """Return the record and its customer as they were at `at`; None before the record existed."""
    in_subject = sa.and_(Occurrence.store_id == question.store.id, Occurrence.subject == subject)
    query = sa.select(Occurrence.snapshot).where(
        in_subject, Occurrence.record_id == record_id, Occurrence.at <= at
    )
    snapshot: Mapping[str, Any] | None = session.scalars(
        query.order_by(Occurrence.id.desc()).limit(1)
    ).first()
    if snapshot is None:
        return None
    if subject == "customer":
        row: dict[str, Any] = {"id": record_id}
        add_purchase_totals(session, question.store, [row], until=at)
        return {**snapshot, **row}
    person = snapshot.get("customer")
    then = _as_it_was(session, question, "customer", int(person["id"]), at) if person else None
    return {**snapshot, "customer": then} if then else snapshot


def _belonged(session: Session, question: Question, segment_id: int, at: dt.datetime) -> bool:
    """Return whether a customer was in a segment at `at`, by the recorded entries and exits."""
    moves = sa.select(Occurrence.trigger).where(
        Occurrence.store_id == question.store.id,
        Occurrence.subject == "customer",
        Occurrence.record_id == question.record_id,
        Occurrence.trigger.in_((segment_membership.ENTERED, segment_membership.LEFT)),
        sa.func.coalesce(Occurrence.to_value, Occurrence.from_value) == str(segment_id),
    )
    before = session.scalars(moves.where(Occurrence.at <= at).order_by(Occurrence.id.desc()).limit(1)).first()
    if before:
        return before == segment_membership.ENTERED
    after = session.scalars(moves.where(Occurrence.at > at).order_by(Occurrence.id).limit(1)).first()
    if after:
        return after == segment_membership.LEFT
    membership = sa.and_(
        SegmentMember.segment_id == segment_id, SegmentMember.customer_id == question.record_id
    )
    return session.scalar(sa.select(SegmentMember.id).where(membership)) is not None


def _lacking(watch: DueQuery, row: Row, words: StoreWords) -> str:
    """Return what the record lacks, in words: "the status Confirmed, and it is Picked"."""
    fields, schedule = words.subject(watch.span.subject).fields, watch.span.schedule
    if isinstance(schedule, StaysInStatus):
        field, actual = fields[schedule.status_field], row[schedule.status_field]
        if actual == schedule.status or not field.choices:
            return ""
        needed = words.choice(field.choices, schedule.status)
        current = words.choice(field.choices, actual) if actual else "empty"
        return f"the {lower(field.label)} {needed}, and it is {current}"
    if watch.value(row) is not None:
        return ""
    return f"the {lower(fields[watch.counted.field].label)}, and it is empty"
