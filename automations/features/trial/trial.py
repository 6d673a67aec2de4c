"""What a draft would do with one record: the real line, with no effect.

facts -> explain -> each action's prepare, with the store's own words and team. Nothing is written
and nothing leaves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields
from automations.actions.shared.action_kind import Prepared, Situation, Skipped
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
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.providers.action_context import situation_for

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


@dataclass(frozen=True)
class TestFire:
    """The whole answer. `fires` is None while the draft is too incomplete to tell."""

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
    situation = situation_for(session, store, words, data["subject"], snapshot)
    return TestFire(
        record=record,
        assumed=assumed_words(words, data, change),
        looks=tuple(results),
        fires=fires,
        verdict=_verdict(data, fires, results),
        steps=tuple(
            _step(place, action, situation, problems, words.subject(situation.subject))
            for place, action in enumerate(data["actions"])
        ),
    )


def _fires(data: Mapping[str, Any], results: Sequence[ConditionResult]) -> bool | None:
    if any(result.holds is False for result in results):
        return False
    return None if not data["trigger"].get("key") or any(result.holds is None for result in results) else True


def _verdict(data: Mapping[str, Any], fires: bool | None, results: Sequence[ConditionResult]) -> str:
    if fires:
        return "It would fire." if results else "It would fire: there are no conditions to hold it back."
    if fires is None:
        missing = "finish the conditions" if data["trigger"].get("key") else "choose a trigger"
        return f"It is too early to say whether it would fire: {missing} first."
    failed = [result.text[:1].lower() + result.text[1:] for result in results if result.holds is False]
    return f"It would not fire: {joined(failed)}."


def _step(
    place: int,
    action: Mapping[str, Any],
    situation: Situation,
    problems: Sequence[Problem],
    subject: Subject,
) -> TrialStep:
    kind = ACTIONS.get(str(action.get("kind")))
    if kind is None:
        return TrialStep("Unknown action", "alert", unfinished=(UNKNOWN_KIND,))
    lacks = tuple(problem.sentence for problem in problems if problem.path.startswith(f"actions.{place}."))
    if lacks:
        return TrialStep(kind.label, kind.icon, unfinished=lacks)
    try:
        skip = empty_fields.is_skipped(action)
        prepared, empty = empty_fields.prepare(kind, action["settings"], situation, skip)
    except Skipped as skipped:
        return TrialStep(kind.label, kind.icon, skipped=skipped.reason)
    phrase = timing_words(subject, action.get("timing")).strip()
    timing = phrase[:1].upper() + phrase[1:]
    return TrialStep(kind.label, kind.icon, tuple(prepared), timing=timing, empty=known_before(empty))
