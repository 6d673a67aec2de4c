"""The builder's first block: what the automation watches, its trigger, and what narrows the trigger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.fields.subject import Field, Subject, TriggerKind
from automations.engine.fields.subjects import SUBJECTS
from automations.features.history.upcoming_runs import next_firings
from automations.features.scheduling.due_columns import NoColumn
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.web.builder.arrivals import arrivals
from automations.web.builder.controls import Control, Option, grouped, select
from automations.web.builder.field_options import options_of
from automations.web.builder.schedule_controls import schedule_lines
from automations.web.builder.segment_options import segment_options

Errors = Mapping[str, str]


@dataclass(frozen=True)
class WhenBlock:
    """The first block. `lines` are lines of controls that narrow a change or say when it is due."""

    subject: Control
    trigger: Control
    lines: tuple[Sequence[Control], ...]
    note: str

    @property
    def controls(self) -> list[Control]:
        return [self.subject, self.trigger, *(control for line in self.lines for control in line)]


@dataclass(frozen=True)
class NextFirings:
    """When a time trigger is due next. `zone` names the store's time zone, `noun` the kind of record."""

    times: Sequence[dt.datetime]
    zone: str
    noun: str


def when(
    subject: Subject | None, data: Mapping[str, Any], words: StoreWords, zone: str, errors: Errors
) -> WhenBlock:
    """Return the block for a draft. Errors are keyed "trigger.schedule.amount"."""
    trigger = data["trigger"]
    kind = subject.triggers.get(trigger["key"] or "") if subject else None
    lines = _lines(subject, kind, trigger, words, zone, errors) if subject and kind else []
    kept = [] if kind else _sides(subject, None, trigger, words, errors)
    return WhenBlock(
        _watched(data, errors),
        _trigger(subject, trigger, words, errors),
        tuple(line for line in [*lines, kept] if line),
        f"{kind.note if kind else ''} {arrivals(data['subject'], kind, words.store_id)}".strip(),
    )


def coming(store: Store, data: Mapping[str, Any], wrong: Collection[str]) -> NextFirings | None:
    """Return when the draft would be due next, or None if its trigger is not a time or is `wrong` (paths)."""
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
    return NextFirings(times, store.timezone, subject.label.lower())


def narrowed_by(
    subject: Subject, kind: TriggerKind, field_key: str | None, words: StoreWords
) -> list[tuple[str, str]]:
    """Return the (key, label) choices that "from" and "to" offer; empty if the change cannot be narrowed."""
    if kind.choices:
        return words.options(kind.choices)
    field = _named(subject, kind, field_key)
    if field is None or field.type != "choice":
        return []
    return words.options(field.choices) if field.choices else list(field.labels.items())


def _watched(data: Mapping[str, Any], errors: Errors) -> Control:
    offered = [(known.key, known.label) for known in SUBJECTS.values() if known.triggers]
    error = errors.get("subject", "")
    return select("subject", "Kind of record", data["subject"], offered, error=error, redraws=True)


def _trigger(
    subject: Subject | None, trigger: Mapping[str, Any], words: StoreWords, errors: Errors
) -> Control:
    kinds = subject.triggers.values() if subject else ()
    offered = [
        Option(kind.key, kind.label, group="At a time" if kind.schedule else "When something happens")
        for kind in sorted(kinds, key=lambda kind: bool(kind.schedule))
        if not kind.segment or kind.key == trigger["key"] or segment_options(words)
    ]
    error = errors.get("trigger.key", "")
    empty = "Choose what starts it…"
    return grouped("trigger-key", "Trigger", trigger["key"], offered, empty=empty, error=error, redraws=True)


def _lines(
    subject: Subject,
    kind: TriggerKind,
    trigger: Mapping[str, Any],
    words: StoreWords,
    zone: str,
    errors: Errors,
) -> list[Sequence[Control]]:
    field = [_field(subject, trigger, errors)] if kind.needs_field or trigger.get("field") else []
    schedule = trigger.get("schedule")
    times = schedule_lines(kind.schedule, schedule, subject, words, zone, errors) if kind.schedule else []
    return [field, _sides(subject, kind, trigger, words, errors), *times]


def _field(subject: Subject, trigger: Mapping[str, Any], errors: Errors) -> Control:
    return grouped(
        "trigger-field",
        "Field that changes",
        trigger.get("field"),
        options_of(subject.changing, subject.label),
        empty="Any field",
        error=errors.get("trigger.field", ""),
        redraws=True,
        word="field",
    )


def _sides(
    subject: Subject | None,
    kind: TriggerKind | None,
    trigger: Mapping[str, Any],
    words: StoreWords,
    errors: Errors,
) -> list[Control]:
    if kind and kind.segment:
        return [_segment(kind.segment, trigger, words, errors)]
    pairs = narrowed_by(subject, kind, trigger.get("field"), words) if subject and kind else []
    if not pairs and not (trigger["from"] or trigger["to"]):
        return []
    field = _named(subject, kind, trigger.get("field")) if subject and kind else None
    anything = f"any {field.label.lower()}" if field else "any status"
    return [
        select(
            f"trigger-{side}",
            side.capitalize(),
            trigger[side],
            pairs,
            empty=anything,
            error=errors.get(f"trigger.{side}", ""),
            word=side,
        )
        for side in ("from", "to")
    ]


def _segment(side: str, trigger: Mapping[str, Any], words: StoreWords, errors: Errors) -> Control:
    error, empty = errors.get(f"trigger.{side}", ""), "Choose a segment…"
    return select(
        f"trigger-{side}",
        "Segment",
        trigger[side],
        segment_options(words),
        empty=empty,
        error=error,
        word="segment",
    )


def _named(subject: Subject, kind: TriggerKind, key: str | None) -> Field | None:
    return subject.fields.get(key or "") if kind.needs_field else None
