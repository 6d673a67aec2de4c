"""Whether an automation would still fire for a record: its trigger and its conditions, asked again.

The second look asks about the whole time since the change: a status that has moved on, or went back, does
not count as changed any more. What was asked about the moment itself, such as the weekday, keeps its first
answer, and a date that had to be tomorrow is still compared with the day on which it fired. Part of: recheck.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain.explanation import TreeVerdict, Verdict, explain
from automations.engine.fields.subject import NOW, Subject, TriggerKind
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.operators import OPERATORS
from automations.engine.operators.value_types import Value
from automations.engine.rules.calendar import Anchor, due_between, due_instants
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import Condition, Narrowing, Rule
from automations.engine.rules.trigger_schedule import DateReached, Scheduled, StaysInStatus
from automations.engine.wording.wording import value_words, verdict_words
from automations.models.settings.choices import StoreWords
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL, Occurrence
from automations.models.tables.schedule_progress import Due
from automations.models.tables.segment import SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.evaluation.evaluate import by_hand
from automations.pipeline.records.evaluation_context import StoredContext
from automations.pipeline.records.record_kinds import Row

HALF_A_YEAR = dt.timedelta(days=183)


@dataclass(frozen=True)
class SecondLook:
    """One rule that fired on `occurrence`, and its record as it is now."""

    session: Session
    store: Store
    rule: Rule
    occurrence: Occurrence
    row: Row
    snapshot: Mapping[str, Any]
    #: Now, in the store's zone.
    now: dt.datetime

    def failures(self) -> list[str]:
        """Return what does not hold any more, as phrases; empty if it would fire again.

        Raises ValueError with a sentence where a value cannot be read.
        """
        # Who runs an automation by hand is not asked about its trigger.
        manual = self.occurrence.trigger == MANUAL
        rule = by_hand(self.rule) if manual else self.rule
        custom = fields_of(self.session, self.store.id, removed=True).get(rule.subject)
        tree = explain(rule, self._facts(rule), custom).tree
        failed = [] if manual else list(self._of_the_trigger())
        failed += [self._said(verdict) for verdict in tree if not verdict.holds]
        return list(dict.fromkeys(failed))

    @cached_property
    def _words(self) -> StoreWords:
        return StoreWords(self.session, self.store)

    @cached_property
    def _subject(self) -> Subject:
        custom = fields_of(self.session, self.store.id, removed=True).get(self.rule.subject)
        return SUBJECTS[self.rule.subject].with_custom(custom)

    @property
    def _kind(self) -> TriggerKind:
        return self._subject.triggers[self.rule.trigger.key]

    def _facts(self, rule: Rule) -> dict[str, Value | None]:
        """Return the facts of the record now, and the first answers about the moment."""
        occurrence, custom = self.occurrence, self._subject.custom
        first = StoredContext.from_data(occurrence.at, occurrence.moment)
        before, after = self._change()
        context = EvaluationContext(self.now, previous=first.previous)
        of_the_moment = {key for key in rule.fields if key.startswith(NOW)}
        present = OccurrenceFacts(rule.subject, rule.trigger.key, self.snapshot, before, after, context)
        facts = present.read(rule.fields - of_the_moment, custom)
        if of_the_moment:
            then = OccurrenceFacts(rule.subject, rule.trigger.key, occurrence.snapshot, context=first)
            answers = then.read(of_the_moment, custom)
            facts |= {key: answers[key] for key in of_the_moment}
        if of_that_day := _of_that_day(rule):
            that_day = EvaluationContext(first.now or self.now)
            facts |= replace(present, context=that_day).read(of_that_day, custom)
        return facts

    def _change(self) -> tuple[str | None, str | None]:
        """Return the values from before the change, and of now, where the trigger names its occurrences."""
        before = self.occurrence.from_value
        if not self._kind.named or self.occurrence.trigger != self._kind.key:
            return before, self.occurrence.to_value
        after = self.row[self._kind.watches[0]]
        return (None, None) if after == before else (before, after)

    def _of_the_trigger(self) -> Iterator[str]:
        """Yield what does not hold of the part of the trigger that is no value of a change."""
        trigger, schedule = self.rule.trigger, self.rule.trigger.schedule
        if self._kind.segment == "to" and trigger.to_value:
            yield from self._membership(trigger.to_value, wanted=True)
        elif self._kind.segment == "from" and trigger.from_value:
            yield from self._membership(trigger.from_value, wanted=False)
        elif isinstance(schedule, Scheduled) and schedule.segment:
            yield from self._membership(schedule.segment, wanted=True)
        elif isinstance(schedule, StaysInStatus):
            yield from self._status_kept(schedule)
        elif isinstance(schedule, DateReached):
            yield from self._date_kept(schedule)

    def _membership(self, segment: str, wanted: bool) -> Iterator[str]:
        member = sa.and_(
            SegmentMember.segment_id == int(segment), SegmentMember.customer_id == self.occurrence.record_id
        )
        belongs = self.session.scalar(sa.select(SegmentMember.id).where(member)) is not None
        if belongs is not wanted:
            name = self._words.reference("segment", segment)
            yield (
                f"the customer is in the segment {name} again"
                if belongs
                else (f"the customer is not in the segment {name} any more")
            )

    def _status_kept(self, schedule: StaysInStatus) -> Iterator[str]:
        field = self._subject.fields[schedule.status_field]
        actual = self.row[schedule.status_field]
        needed = value_words(field, schedule.status, self._words)
        if actual != schedule.status:
            yield f"{field.label} is {value_words(field, actual, self._words)}, needs {needed}"
            return
        since = self.row[f"{schedule.status_field}_since"]
        if since and not self._is_reached(schedule.counted, since):
            yield f"{field.label} is {needed} again, but not for as long"

    def _date_kept(self, schedule: DateReached) -> Iterator[str]:
        field = self._subject.fields.get(schedule.field)
        anchor = field.value(self.snapshot) if field else None
        if not isinstance(anchor, dt.date):
            yield f"{field.label if field else 'The date it counts from'} is empty"
        elif field and not self._is_reached(schedule, anchor):
            yield f"{field.label} is {value_words(field, anchor, self._words)} now, and that is still to come"

    def _is_reached(self, schedule: DateReached, anchor: Anchor) -> bool:
        """Whether a record with this date is due by now, or at the time at which it fired."""
        zone = ZoneInfo(self.store.timezone)
        # Someone may have sent it before it was due.
        fired = self.session.scalar(sa.select(Due.due_at).where(Due.occurrence_id == self.occurrence.id))
        if not schedule.yearly:
            return any(at <= self.now or at == fired for at in due_instants(schedule, anchor, zone))
        # It was due in every year before: what counts is the time around which it fired.
        about = fired or self.occurrence.at
        instants = due_between(schedule, anchor, about - HALF_A_YEAR, max(self.now, about), zone)
        return any(at <= self.now or at == fired for at in instants)

    def _said(self, verdict: TreeVerdict) -> str:
        """Return a failed verdict in words. No value of a change means that it was undone."""
        part = verdict.condition if isinstance(verdict, Verdict) and verdict.actual is None else None
        key = ""
        if isinstance(part, Narrowing):
            key = self._kind.changed_field(None) or part.field.partition("@")[0]
        elif isinstance(part, Condition) and OPERATORS[part.operator].derives in ("from", "to"):
            key = part.field
        field = self._subject.fields.get(key)
        if field is None:
            return verdict_words(verdict, self._subject, self._words)
        return f"{field.label} is {value_words(field, field.value(self.snapshot), self._words)} again"


def _of_that_day(rule: Rule) -> set[str]:
    """Return the facts of conditions that hold on one day only: later they could never hold again."""
    conditions = (part for part in rule.parts if isinstance(part, Condition))
    asked = ((OPERATORS[condition.operator], condition) for condition in conditions)
    return {
        operator.fact(condition.field, condition.value)
        for operator, condition in asked
        if operator.range and operator.range.is_one
    }
