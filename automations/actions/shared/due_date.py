"""Due dates: some hours or days after now, or before or after a date of the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import Settings, Situation, Skipped, text_of
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Problem

NEVER, NOW = "", "now"
UNITS = {"hours": 1, "days": 24}
DIRECTIONS = {"after": 1, "before": -1}
#: The time of day assumed for a date without one.
MORNING = dt.time(9)
_MOST = 9999


def dates_of(subject_key: str) -> dict[str, str]:
    """Return the subject's dates a due date may be counted from, key -> label."""
    subject = SUBJECTS.get(subject_key)
    own = {"order": ("delivery_date", "placed_at"), "event": ("event_date",)}.get(subject_key, ())
    return {key: subject.fields[key].label for key in own if subject and key in subject.fields}


def choices() -> list[tuple[str, str]]:
    """Return what a due date may be counted from, as (key, label)."""
    dates = {key: label for subject in SUBJECTS for key, label in dates_of(subject).items()}
    return [(NEVER, "No due date"), (NOW, "When it is made"), *dates.items()]


def problems(settings: Settings, subject_key: str) -> list[Problem]:
    """Return what is wrong with due_from, due_amount, due_unit and due_direction."""
    start = text_of(settings, "due_from")
    if start == NEVER:
        return []
    problems = []
    if start != NOW and start not in dates_of(subject_key):
        problems.append(Problem("settings.due_from", "Choose what the due date is counted from."))
    if _amount(settings) is None:
        problems.append(Problem("settings.due_amount", f"Enter a whole number from 0 to {_MOST}."))
    for name, known in (("due_unit", UNITS), ("due_direction", DIRECTIONS)):
        if text_of(settings, name) not in known:
            problems.append(Problem(f"settings.{name}", f"Choose {' or '.join(known)}."))
    return problems


def intent(settings: Settings, situation: Situation) -> dict[str, str | int] | None:
    """Return {"from": "now" or an instant, "hours": n} for `instant`, or None. Raises Skipped."""
    start, amount = text_of(settings, "due_from"), _amount(settings)
    if start == NEVER or amount is None:
        return None
    hours = amount * UNITS.get(text_of(settings, "due_unit"), 1)
    hours *= DIRECTIONS.get(text_of(settings, "due_direction"), 1)
    if start == NOW:
        return {"from": NOW, "hours": abs(hours)}
    record = situation.context.get(situation.subject)
    value = record.get(start) if isinstance(record, Mapping) else None
    moment = _moment(value, situation.zone)
    if moment is None:
        raise Skipped(skip_reasons.no_date(dates_of(situation.subject).get(start, "date")))
    return {"from": _shifted(moment, hours).isoformat(), "hours": 0}


def instant(intent: Mapping[str, object] | None, now: dt.datetime) -> dt.datetime | None:
    """Return the due date that `intent` means if the action is performed at `now`."""
    if not intent:
        return None
    if intent.get("from") == NOW:
        return now + dt.timedelta(hours=int(str(intent.get("hours"))))
    return dt.datetime.fromisoformat(str(intent["from"]))


def _amount(settings: Settings) -> int | None:
    text = text_of(settings, "due_amount").strip()
    return int(text) if text.isascii() and text.isdecimal() and int(text[:5]) <= _MOST else None


def _moment(value: object, zone: str) -> dt.datetime | None:
    """Return `value` in local time, so that "2 days before" keeps its time of day across clock changes."""
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if len(str(value)) <= 10:
        return dt.datetime.combine(moment.date(), MORNING, ZoneInfo(zone))
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(ZoneInfo(zone))


def _shifted(moment: dt.datetime, hours: int) -> dt.datetime:
    try:
        days, left = divmod(hours, 24) if hours % 24 == 0 else (0, hours)
        local = moment + dt.timedelta(days=days)
        return local.astimezone(dt.UTC) + dt.timedelta(hours=left)
    except OverflowError as error:
        raise Skipped("The due date lies too far away.") from error
