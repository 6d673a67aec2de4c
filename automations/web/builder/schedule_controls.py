"""The controls of a time trigger, in lines that read as sentences, and their initial values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subject import Field, Subject
from automations.engine.rules.time_units import UNITS
from automations.engine.rules.trigger_schedule import DIRECTIONS, NTH, PERIODS
from automations.models.settings.choices import StoreWords
from automations.web.builder import late_controls
from automations.web.builder.controls import Control, select
from automations.web.builder.segment_options import segment_options

Data = Mapping[str, Any]
Lines = list[list[Control]]

_PREFIX = "trigger-schedule-"


def initial_schedule(form: str, subject: Subject) -> dict[str, str]:
    """Return the schedule of this form before anything is chosen."""
    if form == "date_reached":
        first = next(iter(subject.dates), None)
        field = {"field": first.key} if first else {}
        start = {"amount": "3", "unit": "days", "direction": "before", "time": "09:00"}
        return field | start | late_controls.FIRST
    if form == "stays_in_status":
        return {"status_field": "status", "amount": "3", "unit": "days"}
    return {"every": "day", "time": "09:00"}


def with_day(schedule: Data) -> dict[str, Any]:
    """Return the schedule with a default day of the week or month if it now needs one."""
    weekly = schedule.get("every") == "week" or bool(schedule.get("nth"))
    defaults = {"weekday": "monday"} if weekly else {"day": "1"} if schedule.get("every") == "month" else {}
    missing = {key: value for key, value in defaults.items() if not schedule.get(key)}
    return {**schedule, **missing}


def schedule_lines(
    form: str, data: object, subject: Subject, words: StoreWords, zone: str, errors: Mapping[str, str]
) -> Lines:
    """Return the lines of controls for `trigger.schedule`. Errors are keyed "trigger.schedule.amount"."""
    schedule = data if isinstance(data, Mapping) else {}
    lines = _FORMS[form](schedule, subject, words, zone)
    return [[_with_error(control, errors) for control in line] for line in lines]


def _with_error(control: Control, errors: Mapping[str, str]) -> Control:
    return replace(control, error=errors.get(control.name.replace("-", "."), ""))


def _date_reached(data: Data, subject: Subject, words: StoreWords, zone: str) -> Lines:
    date = next((field for field in subject.dates if field.key == data.get("field")), None)
    exact = date is not None and date.type == "datetime" and data.get("unit") in ("minutes", "hours")
    first = [*_count(data), _pick(data, "direction", "Before or after", DIRECTIONS), _date(data, subject)]
    yearly = data.get("yearly") or ""
    if yearly or (date is not None and date.type == "date"):
        name, label = f"{_PREFIX}yearly", "Once or every year"
        first.append(select(name, label, str(yearly), [("", "once"), ("yes", "every year")], redraws=True))
    # An exact moment needs no time of day; one entered earlier stays visible until it is removed.
    if not exact or data.get("time"):
        first.append(_time(data, zone))
    late = late_controls.late_controls(_PREFIX, "", data, late_controls.SKIPS)
    return [first, late] if yearly == "yes" and not data.get("repeat_every") else [first, _repeat(data), late]


def _repeat(data: Data) -> list[Control]:
    every = _text(data, "repeat_every", "Repeat every", word="then again every", placeholder="never")
    if not data.get("repeat_every"):
        return [replace(every, redraws=True)]
    unit = _pick({"repeat_unit": "days", **data}, "repeat_unit", "Unit of the repeat", UNITS)
    times = _text(data, "repeat_times", "How many more times", suffix="more times")
    return [replace(every, redraws=True), unit, times]


def _stays(data: Data, subject: Subject, words: StoreWords, zone: str) -> Lines:
    statuses = [(field.key, field.label) for field in subject.statuses]
    which = _pick(data, "status_field", "Which status", statuses, redraws=True)
    field = next((status for status in subject.statuses if status.key == data.get("status_field")), None)
    status = _pick(data, "status", "Status it stays in", _choices(field, words), word="is")
    return [
        [which, status],
        [
            replace(control, word=control.word or "for") if not place else control
            for place, control in enumerate(_count(data))
        ],
        _repeat(data),
    ]


def _scheduled(data: Data, subject: Subject, words: StoreWords, zone: str) -> Lines:
    line = [_pick(data, "every", "How often", PERIODS, word="every", redraws=True)]
    if data.get("every") == "week":
        line.append(_pick(data, "weekday", "Day of the week", list(WEEKDAYS.items()), word="on"))
    if data.get("every") == "month":
        line += _day_of_month(data)
    segments = segment_options(words) if any(kind.segment for kind in subject.triggers.values()) else []
    if segments or data.get("segment"):
        label = "Segment it is for"
        whom = select(
            f"{_PREFIX}segment", label, data.get("segment"), segments, empty="all customers", word="for"
        )
        return [[*line, _time(data, zone)], [whom]]
    return [[*line, _time(data, zone)]]


def _day_of_month(data: Data) -> list[Control]:
    offered = [("", "day"), *((key, f"the {key}") for key in NTH)]
    name, label = f"{_PREFIX}nth", "Day or weekday of the month"
    nth = select(name, label, str(data.get("nth") or ""), offered, word="on", redraws=True)
    if data.get("nth"):
        return [nth, _pick(data, "weekday", "Day of the week", list(WEEKDAYS.items()))]
    return [nth, _text(data, "day", "Day of the month")]


def _count(data: Data) -> list[Control]:
    return [_text(data, "amount", "How many"), _pick(data, "unit", "Unit", UNITS, redraws=True)]


def _date(data: Data, subject: Subject) -> Control:
    return _pick(
        data,
        "field",
        "Date it counts from",
        [(field.key, field.label) for field in subject.dates],
        redraws=True,
    )


def _time(data: Data, zone: str) -> Control:
    shown = "time" if _is_time(data.get("time")) else "text"
    value = str(data.get("time") or "")
    return Control(f"{_PREFIX}time", "Time of day", value, type=shown, suffix=zone, word="at")


def _is_time(value: object) -> bool:
    """Whether a time input can show the value; it stays blank for anything else, so a text input does."""
    text = str(value or "00:00")
    return len(text) in (5, 8) and text.replace(":", "").isdigit()


def _text(
    data: Data, part: str, label: str, *, word: str = "", suffix: str = "", placeholder: str = ""
) -> Control:
    value = str(data.get(part) or "")
    return Control(
        _PREFIX + part, label, value, type="decimal", word=word, suffix=suffix, placeholder=placeholder
    )


def _pick(
    data: Data,
    part: str,
    label: str,
    offered: Sequence[str] | Sequence[tuple[str, str]],
    *,
    word: str = "",
    redraws: bool = False,
) -> Control:
    value = data.get(part)
    pairs = [(option, option) if isinstance(option, str) else option for option in offered]
    empty = "" if value else "Choose…"
    return select(_PREFIX + part, label, value, pairs, empty=empty, word=word, redraws=redraws)


def _choices(field: Field | None, words: StoreWords) -> list[tuple[str, str]]:
    return words.options(field.choices) if field and field.choices else []


_FORMS: Mapping[str, Callable[[Data, Subject, StoreWords, str], Lines]] = {
    "date_reached": _date_reached,
    "stays_in_status": _stays,
    "scheduled": _scheduled,
}
