"""The first block of the builder: what is watched, what starts it, and what narrows that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.subject import Field, Subject, TriggerKind
from automations.engine.subjects import SUBJECTS
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.models.store import Store
from automations.pipeline.schedule_watch import NoColumn
from automations.pipeline.upcoming import next_firings
from automations.web.builder_controls import Control, Option, grouped, select
from automations.web.builder_fields import options_of
from automations.web.builder_schedule import schedule_lines
from automations.web.builder_segments import named

Errors = Mapping[str, str]


@dataclass(frozen=True)
class When:
    """The first block. `lines` of controls narrow a change, or say when it is due."""

    subject: Control
    trigger: Control
    lines: tuple[Sequence[Control], ...]
    note: str

    @property
    def controls(self) -> list[Control]:
        return [self.subject, self.trigger, *(control for line in self.lines for control in line)]


@dataclass(frozen=True)
class Coming:
    """When a time trigger is due next, in the store's time."""

    times: Sequence[dt.datetime]
    zone: str
    noun: str


def when(
    subject: Subject | None, data: Mapping[str, Any], words: StoreWords, zone: str, errors: Errors
) -> When:
    """The block for a draft; `errors` by path, "trigger.schedule.amount"."""
    given = data["trigger"]
    kind = subject.triggers.get(given["key"] or "") if subject else None
    lines = _lines(subject, kind, given, words, zone, errors) if subject and kind else []
    kept = [] if kind else _sides(subject, None, given, words, errors)
    return When(
        _watched(data, errors),
        _trigger(subject, given, words, errors),
        tuple(line for line in [*lines, kept] if line),
        kind.note if kind else "",
    )


def coming(store: Store, data: Mapping[str, Any], wrong: Collection[str]) -> Coming | None:
    """When it would be due next; None for what waits for no time or has something `wrong`, by path."""
    subject = SUBJECTS.get(data["subject"])
    kind = subject.triggers.get(data["trigger"]["key"] or "") if subject else None
    if (
        subject is None
        or kind is None
        or not kind.schedule
        or any(path.startswith("trigger") for path in wrong)
    ):
        return None
    try:
        times = next_firings(
            data["trigger"], subject.key, store, dt.datetime.now(dt.UTC), session=db.session()
        )
    except NoColumn:
        times = []
    return Coming(times, store.timezone, subject.label.lower())


def narrowed_by(
    subject: Subject, kind: TriggerKind, field_key: str | None, words: StoreWords
) -> list[tuple[str, str]]:
    """The choices a change can be narrowed by with from and to; none where it cannot."""
    if kind.choices:
        return words.options(kind.choices)
    field = _named(subject, kind, field_key)
    if field is None or field.type != "choice":
        return []
    return words.options(field.choices) if field.choices else list(field.labels.items())


def _watched(data: Mapping[str, Any], errors: Errors) -> Control:
    offered = [(one.key, one.label) for one in SUBJECTS.values() if one.triggers]
    error = errors.get("subject", "")
    return select("subject", "Model", data["subject"], offered, error=error, redraws=True)


def _trigger(subject: Subject | None, given: Mapping[str, Any], words: StoreWords, errors: Errors) -> Control:
    kinds = subject.triggers.values() if subject else ()
    offered = [
        Option(one.key, one.label, group="At a time" if one.schedule else "When something happens")
        for one in sorted(kinds, key=lambda one: bool(one.schedule))
        if not one.segment or one.key == given["key"] or named(words)
    ]
    error = errors.get("trigger.key", "")
    empty = "Choose what starts it…"
    return grouped("trigger-key", "Trigger", given["key"], offered, empty=empty, error=error, redraws=True)


def _lines(
    subject: Subject,
    kind: TriggerKind,
    given: Mapping[str, Any],
    words: StoreWords,
    zone: str,
    errors: Errors,
) -> list[Sequence[Control]]:
    field = [_field(subject, given, errors)] if kind.needs_field or given.get("field") else []
    schedule = given.get("schedule")
    times = schedule_lines(kind.schedule, schedule, subject, words, zone, errors) if kind.schedule else []
    return [field, _sides(subject, kind, given, words, errors), *times]


def _field(subject: Subject, given: Mapping[str, Any], errors: Errors) -> Control:
    return grouped(
        "trigger-field",
        "Field that changes",
        given.get("field"),
        options_of(subject.changing, subject.label),
        empty="Any field",
        error=errors.get("trigger.field", ""),
        redraws=True,
        word="field",
    )


def _sides(
    subject: Subject | None,
    kind: TriggerKind | None,
    given: Mapping[str, Any],
    words: StoreWords,
    errors: Errors,
) -> list[Control]:
    if kind and kind.segment:
        return [_segment(kind.segment, given, words, errors)]
    pairs = narrowed_by(subject, kind, given.get("field"), words) if subject and kind else []
    if not pairs and not (given["from"] or given["to"]):
        return []
    named = _named(subject, kind, given.get("field")) if subject and kind else None
    anything = f"any {named.label.lower()}" if named else "any status"
    return [
        select(
            f"trigger-{side}",
            side.capitalize(),
            given[side],
            pairs,
            empty=anything,
            error=errors.get(f"trigger.{side}", ""),
            word=side,
        )
        for side in ("from", "to")
    ]


def _segment(side: str, given: Mapping[str, Any], words: StoreWords, errors: Errors) -> Control:
    error, empty = errors.get(f"trigger.{side}", ""), "Choose a segment…"
    return select(
        f"trigger-{side}", "Segment", given[side], named(words), empty=empty, error=error, word="segment"
    )


def _named(subject: Subject, kind: TriggerKind, key: str | None) -> Field | None:
    return subject.fields.get(key or "") if kind.needs_field else None
