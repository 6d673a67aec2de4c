"""Which fields that an action shows were empty lately: a message with a hole is seen before it is sent."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields
from automations.actions.shared.action_kind import Skipped
from automations.actions.shared.text_templates import ANSWERS
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Problem
from automations.features.trial.condition_trial import assumed_change, condition_results
from automations.features.trial.trial_records import SAMPLES, Snapshot
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.evaluation.consent import with_supposed_consent
from automations.pipeline.providers.action_context import situation_for, team_of
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import KINDS

#: The newest records that are looked at, and the messages that are written for it at most.
LATEST = 100
MOST_MESSAGES = 600


@dataclass(frozen=True)
class EmptyField:
    """A field that the action at `place` (from 0) shows, empty for `count` of the last `of` records.

    `fitting`: only records that fit the conditions are counted. `skipped`: the action is skipped for those.
    """

    place: int
    label: str
    count: int
    of: int
    noun: str
    fitting: bool
    skipped: bool

    @property
    def sentence(self) -> str:
        """ "Delivery date was empty for 12 of the last 100 orders." """
        which = f"{self.noun} that fit" if self.fitting else self.noun
        end = " This action is skipped for those." if self.skipped else ""
        label = self.label[:1].upper() + self.label[1:]
        return f"{label} was empty for {self.count} of the last {self.of} {which}.{end}"


def empty_lately(
    session: Session,
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    problems: Sequence[Problem],
    now: dt.datetime | None = None,
) -> list[EmptyField]:
    """Return what the actions of a draft show that was empty in the newest records, most often first.

    `problems` are those of the draft; an action with one is left out, as nothing can be written with it.
    """
    actions = [(place, action) for place, action in _written(data, problems)]
    if data["subject"] not in SAMPLES or not actions:
        return []
    most = max(1, min(LATEST, MOST_MESSAGES // len(actions)))
    fitting = list(
        fitting_records(session, store, words, data, problems, most, now or dt.datetime.now(dt.UTC))
    )
    team, counts = team_of(session, store.id), Counter[tuple[int, str]]()
    for snapshot in fitting:
        situation = situation_for(session, store, words, data["subject"], snapshot, team=team)
        for place, action in actions:
            kind, moment = ACTIONS[action["kind"]], situation
            if kind.marketing:
                moment = with_supposed_consent(situation, store, snapshot)
            try:
                filled = _changed_before(data["actions"], place)
                _, labels = empty_fields.prepare(kind, action["settings"], moment, skip=False, filled=filled)
            except Skipped:
                continue
            counts.update((place, label) for label in known_before(labels))
    noun = SUBJECTS[data["subject"]].plural.lower()
    narrowed = bool(data["conditions"]) or any(data["trigger"].get(side) for side in ("from", "to"))
    skipped = {place for place, action in actions if empty_fields.is_skipped(action)}
    return [
        EmptyField(place, label, count, len(fitting), noun, narrowed, place in skipped)
        for (place, label), count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def known_before(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels without the answers of earlier actions, which are there only once those have run."""
    return tuple(label for label in labels if not label.startswith(f"{ANSWERS}."))


def _written(data: Mapping[str, Any], problems: Sequence[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the actions that show a field, with their places."""
    for place, action in enumerate(data["actions"]):
        kind = ACTIONS.get(str(action.get("kind")))
        wrong = any(problem.path.startswith(f"actions.{place}.") for problem in problems)
        if kind and not wrong and any("{{" in text for _, text in kind.texts(action["settings"])):
            yield place, action


def _changed_before(actions: Sequence[Mapping[str, Any]], place: int) -> frozenset[str]:
    """Return the fields that earlier actions change: what they hold by then is not known yet."""
    earlier = [(ACTIONS.get(str(action.get("kind"))), action) for action in actions[:place]]
    changed = [kind.changed_fields(action["settings"]) for kind, action in earlier if kind]
    return frozenset().union(*changed)


def fitting_records(
    session: Session,
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    problems: Sequence[Problem],
    most: int,
    now: dt.datetime,
) -> Iterator[Snapshot]:
    """Yield the newest records, at most `most`, on which the draft would fire as far as it is finished."""
    table = KINDS[data["subject"]].table
    newest = sa.select(table).where(table.c.store_id == store.id).order_by(table.c.id.desc()).limit(most)
    rows = [dict(row) for row in session.execute(newest).mappings()]
    zone, schedule = ZoneInfo(store.timezone), dict(data["trigger"].get("schedule") or {})
    date = words.subject(data["subject"]).fields.get(str(schedule.get("field")))
    moment, working = now.astimezone(zone), is_working(now.astimezone(zone), zone, store.working_hours)
    for snapshot in current_records.snapshots(session, data["subject"], store, rows):
        if date and date.value(snapshot) is None:
            # Without its date it never comes to a record.
            continue
        change = assumed_change(words, data, snapshot, moment, working)
        results = condition_results(words, data, snapshot, change, problems)
        if all(result.holds is not False for result in results):
            yield snapshot
