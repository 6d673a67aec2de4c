"""What a draft would do with one record: the real line, with no effect.

facts -> explain -> each action's prepare, with the store's own words and team. Nothing is written
and nothing leaves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields
from automations.actions.shared.action_kind import Prepared, Skipped
from automations.actions.shared.inside_action import EffectRefused
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.engine.wording.wording import joined
from automations.features.authoring.draft_problems import problems as problems_of
from automations.features.authoring.timing_phrases import timing_words
from automations.features.trial.condition_trial import (
    ConditionResult,
    assumed_change,
    assumed_words,
    condition_results,
)
from automations.features.trial.empty_lately import known_before
from automations.features.trial.foreseen_changes import foreseen
from automations.messages.store_formats import formats_of
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.delivery.earlier_changes import follows_change
from automations.pipeline.evaluation.action_timing import is_working, run_at
from automations.pipeline.evaluation.consent import with_supposed_consent
from automations.pipeline.providers.action_context import Team, situation_for

UNKNOWN_KIND = "This kind of action does not exist any more."


@dataclass(frozen=True, slots=True)
class TrialStep:
    """What one action would do: its prepared messages, why there are none, or what its settings lack."""

    label: str
    icon: str
    messages: tuple[Prepared, ...] = ()
    skipped: str = ""
    unfinished: tuple[str, ...] = ()
    #: When it would run, unless straight away.
    timing: str = ""
    #: The fields it shows that are empty for this record.
    empty: tuple[str, ...] = ()
    #: The numbers (from 1) of the actions before it that would have changed the record by then.
    after: tuple[int, ...] = ()


@dataclass(frozen=True)
class TestFire:
    """The whole answer. `fires` is None while the draft is incomplete, or the record can’t be checked."""

    # pytest would otherwise collect it as a test.
    __test__ = False

    record: str
    assumed: str
    looks: tuple[ConditionResult, ...]
    fires: bool | None
    verdict: str
    steps: tuple[TrialStep, ...]


def test_fire(
    session: Session,
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    record: str = "",
    now: dt.datetime | None = None,
) -> TestFire:
    """Try rule data, complete or not, on a record's snapshot, as of `now`.

    `record` is the record's name in the answer.

    A change trigger is assumed to have just happened: to the record's present value, and from the
    value that the trigger asks for, if any. `data` must name an existing subject.
    """
    problems = problems_of(words, data)
    zone = ZoneInfo(store.timezone)
    moment = (now or dt.datetime.now(dt.UTC)).astimezone(zone)
    change = assumed_change(words, data, snapshot, moment, is_working(moment, zone, store.working_hours))
    results = condition_results(words, data, snapshot, change, problems)
    fires = _fires(data, results)
    tried = _Trial(
        session, store, words, words.subject(data["subject"]), snapshot, problems, moment, data["actions"]
    )
    return TestFire(
        record=record,
        assumed=assumed_words(words, data, change),
        looks=tuple(results),
        fires=fires,
        verdict=_verdict(data, fires, results),
        steps=tuple(tried.step(place, action) for place, action in enumerate(data["actions"])),
    )


def steps_at(
    session: Session,
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    at: dt.datetime,
    team: Team | None = None,
) -> tuple[TrialStep, ...]:
    """Return what each action of rule data would have done with a record as it was at that moment.

    Callers that ask about many records pass the `team`, so that it is not read for each.
    """
    return next(steps_of_each(session, store, words, data, [snapshot], at, team))


def steps_of_each(
    session: Session,
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    snapshots: Iterable[Mapping[str, Any]],
    at: dt.datetime,
    team: Team | None = None,
) -> Iterator[tuple[TrialStep, ...]]:
    """Yield what `steps_at` returns for each of these records; the rule is checked once for all."""
    problems, moment = problems_of(words, data), at.astimezone(ZoneInfo(store.timezone))
    subject = words.subject(data["subject"])
    for snapshot in snapshots:
        tried = _Trial(session, store, words, subject, snapshot, problems, moment, data["actions"], team)
        yield tuple(tried.step(place, action) for place, action in enumerate(data["actions"]))


def _fires(data: Mapping[str, Any], results: Sequence[ConditionResult]) -> bool | None:
    if any(result.holds is False for result in results):
        return False
    return None if not data["trigger"].get("key") or any(result.holds is None for result in results) else True


def _verdict(data: Mapping[str, Any], fires: bool | None, results: Sequence[ConditionResult]) -> str:
    if fires:
        return "It would fire." if results else "It would fire: there are no conditions to hold it back."
    too_early = "It is too early to say whether it would fire"
    if fires is None and not data["trigger"].get("key"):
        return f"{too_early}: choose a trigger first."
    if fires is None and any(result.holds is None and not result.is_error for result in results):
        return f"{too_early}: finish the conditions first."
    if fires is None:
        return "Whether it would fire could not be checked."
    failed = [result.text[:1].lower() + result.text[1:] for result in results if result.holds is False]
    return f"It would not fire: {joined(failed)}."


@dataclass
class _Trial:
    """What the actions of one trial share: the record, and what earlier ones would change in it."""

    session: Session
    store: Store
    words: StoreWords
    subject: Subject
    snapshot: Mapping[str, Any]
    problems: Sequence[Problem]
    now: dt.datetime
    actions: Sequence[Mapping[str, Any]]
    team: Team | None = None
    #: Position of an action -> when it would run, and the change it would make.
    changes: dict[int, tuple[dt.datetime, Prepared]] = field(default_factory=dict)

    def step(self, place: int, action: Mapping[str, Any]) -> TrialStep:
        """Return what the action at `place` (from 0) would do after the actions before it."""
        kind = ACTIONS.get(str(action.get("kind")))
        if kind is None:
            return TrialStep("Unknown action", "alert", unfinished=(UNKNOWN_KIND,))
        lacks = tuple(one.sentence for one in self.problems if one.path.startswith(f"actions.{place}."))
        if lacks:
            return TrialStep(kind.label, kind.icon, unfinished=lacks)
        due = self._due(action)
        snapshot, after = self._record_at(due) if follows_change(self.actions, place) else (self.snapshot, ())
        try:
            situation = situation_for(
                self.session, self.store, self.words, self.subject.key, snapshot, team=self.team
            )
            if kind.marketing:
                situation = with_supposed_consent(situation, self.store, snapshot)
            skip = empty_fields.is_skipped(action)
            prepared, empty = empty_fields.prepare(kind, action["settings"], situation, skip)
        except Skipped as skipped:
            return TrialStep(kind.label, kind.icon, skipped=skipped.reason, after=after)
        refused = self._refusal(place, due, prepared, snapshot) if kind.changes_record else ""
        phrase = timing_words(self.subject, action.get("timing"), formats_of(self.store.language)).strip()
        timing = phrase[:1].upper() + phrase[1:]
        return TrialStep(
            label=kind.label,
            icon=kind.icon,
            messages=tuple(prepared),
            unfinished=(refused,) if refused else (),
            timing=timing,
            empty=known_before(empty),
            after=after,
        )

    def _due(self, action: Mapping[str, Any]) -> dt.datetime:
        words = (formats_of(self.store.language), self.store.working_hours)
        how = (self.now, ZoneInfo(self.store.timezone), *words)
        try:
            return run_at(action.get("timing"), self.subject.fields, self.snapshot, *how)
        except ValueError:
            return self.now

    def _record_at(self, due: dt.datetime) -> tuple[Mapping[str, Any], tuple[int, ...]]:
        """Return the record as it would be then, and the numbers (from 1) of the actions that changed it."""
        snapshot = self.snapshot
        after: list[int] = []
        for place, (at, change) in self.changes.items():
            if at <= due:
                about = (self.subject.key, snapshot, change, self.now)
                snapshot = foreseen(self.session, self.store, *about)
                after.append(place + 1)
        return snapshot, tuple(after)

    def _refusal(
        self, place: int, due: dt.datetime, prepared: Sequence[Prepared], snapshot: Mapping[str, Any]
    ) -> str:
        """Keep the change of an action for those behind it; return why it would fail, or ""."""
        for change in prepared:
            try:
                foreseen(self.session, self.store, self.subject.key, snapshot, change, self.now)
            except EffectRefused as error:
                return str(error)
            self.changes[place] = due, change
        return ""
