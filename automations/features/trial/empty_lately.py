"""Which fields that an action shows were empty lately: a message with a hole is seen before it is sent."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
from automations.features.trial.condition_trial import FinishedParts, assumed_change
from automations.features.trial.trial_records import SAMPLES, Snapshot
from automations.models.db.newest_first import of_store
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
    latest: LatestRecords | None = None,
) -> list[EmptyField]:
    """Return what the actions of a draft show that was empty in the newest records, most often first.

    `problems` are those of the draft; an action with one is left out, as nothing can be written with it.
    `latest` are its records, for who has them.
    """
    actions = [(place, action) for place, action in _written(data, problems)]
    if data["subject"] not in SAMPLES or not actions:
        return []
    most = max(1, min(LATEST, MOST_MESSAGES // len(actions)))
    now = dt.datetime.now(dt.UTC)
    fitting = (latest or LatestRecords(session, store, words, data, problems, now)).fitting(most)
    team, counts = team_of(session, store.id), Counter[tuple[int, str]]()
    for snapshot in fitting:
        situation = situation_for(session, store, words, data["subject"], snapshot, team=team)
        # What is empty shows in the words alone.
        situation = replace(situation, look=None)
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


class LatestRecords:
    """The newest records of a draft's subject, and which of them it would fire on, judged once.

    A draft counts as far as it is finished; `problems` are those of it.
    """

    def __init__(
        self,
        session: Session,
        store: Store,
        words: StoreWords,
        data: Mapping[str, Any],
        problems: Sequence[Problem],
        now: dt.datetime,
    ) -> None:
        self._session, self._store, self._words, self._now = session, store, words, now
        self._data, self._problems = data, problems

    def fitting(self, most: int) -> list[Snapshot]:
        """Return those of the newest `most` records, at most LATEST, on which the draft would fire."""
        return [snapshot for snapshot, fits in self._judged[:most] if fits]

    @cached_property
    def _judged(self) -> list[tuple[Snapshot, bool]]:
        session, store, subject = self._session, self._store, self._data["subject"]
        table = KINDS[subject].table
        newest = of_store(sa.select(table), table.c, store.id)
        rows = [dict(row) for row in session.execute(newest.limit(LATEST)).mappings()]
        schedule, zone = dict(self._data["trigger"].get("schedule") or {}), ZoneInfo(store.timezone)
        date = self._words.subject(subject).fields.get(str(schedule.get("field")))
        moment = self._now.astimezone(zone)
        working = is_working(moment, zone, store.working_hours)
        parts = FinishedParts(self._words, self._data, self._problems)
        return [
            # Without its date it never comes to a record.
            (
                snapshot,
                (not date or date.value(snapshot) is not None)
                and self._fits(parts, snapshot, moment, working),
            )
            for snapshot in current_records.snapshots(session, subject, store, rows)
        ]

    def _fits(self, parts: FinishedParts, snapshot: Snapshot, moment: dt.datetime, working: bool) -> bool:
        return parts.fit(snapshot, assumed_change(self._words, self._data, snapshot, moment, working))
