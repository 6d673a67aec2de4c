"""Validate the trigger of rule data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from automations.engine.fields.problem import Known, Problem, either, text, unknown_settings
from automations.engine.fields.subject import TriggerKind
from automations.engine.operators.value_types import shown
from automations.engine.rules.schedule_check import check_schedule

_NO_TRIGGER = "Choose what starts it: nothing happens without a trigger."
_SIDES = ("from", "to")
_SETTINGS = ("key", *_SIDES, "field", "schedule")


def check_trigger(known: Known, trigger: object) -> list[Problem]:
    """Return every problem with the trigger; accepts any value."""
    settings = trigger if isinstance(trigger, Mapping) else {}
    key = settings.get("key")
    if not key:
        return [Problem("trigger.key", _NO_TRIGGER)]
    kind = known.subject.triggers.get(text(key))
    if kind is None:
        labels = either([entry.label for entry in known.subject.triggers.values()])
        return [Problem("trigger.key", f"{shown(key)} can’t start an automation; choose {labels}.")]
    problems = [*_field(known, kind, settings), *_sides(known, kind, settings)]
    problems += unknown_settings(settings, _SETTINGS, "trigger")
    if kind.schedule:
        return problems + check_schedule(known, kind.schedule, settings.get("schedule"))
    if settings.get("schedule"):
        problems.append(
            Problem("trigger.schedule", f"{kind.label} waits for no time; leave the schedule out.")
        )
    return problems


def _field(known: Known, kind: TriggerKind, settings: Mapping[str, object]) -> Iterator[Problem]:
    key = settings.get("field")
    if key is None or key == "":
        return
    if not kind.needs_field:
        yield Problem("trigger.field", f"{kind.label} can’t be narrowed to one field; leave it empty.")
    elif text(key) not in {field.key for field in known.subject.changing}:
        sentence = f"{known.subject.plural} have no field {shown(key)} that changes; pick one from the list."
        yield Problem("trigger.field", sentence)


def _sides(known: Known, kind: TriggerKind, settings: Mapping[str, object]) -> Iterator[Problem]:
    label, offered = _offered(known, kind, settings)
    for side in _SIDES:
        value, path = settings.get(side), f"trigger.{side}"
        if kind.segment == side:
            yield from _segment(known, path, value)
        elif value is None or value == "":
            continue
        elif offered is None:
            yield Problem(path, f"{label} can’t be narrowed by “{side}”; leave it empty.")
        elif not isinstance(value, str) or value not in offered:
            sentence = f"{label} {side} {shown(value)}: there is no such choice; pick one from the list."
            yield Problem(path, sentence)


def _segment(known: Known, path: str, value: object) -> Iterator[Problem]:
    if value is None or value == "":
        yield Problem(path, "Choose the segment.")
    elif not isinstance(value, str) or not known.references("segment", value):
        yield Problem(path, f"There is no segment {shown(value)}; pick one from the list.")


def _offered(known: Known, kind: TriggerKind, settings: Mapping[str, object]) -> tuple[str, set[str] | None]:
    """Return the label of what from and to narrow, and its valid keys; None if it can't be narrowed."""
    field = known.subject.fields.get(text(settings.get("field"))) if kind.needs_field else None
    if field is not None and field.type == "choice":
        return field.label, set(known.choices_of(field))
    return kind.label, set(known.choices(kind.choices)) if kind.choices else None
