"""Validate the schedule of a time trigger; each problem is a sentence that says what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from automations.engine.fields.problem import Known, Problem, either, lower, text, unknown_settings, whole
from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subject import Field
from automations.engine.operators.value_types import InvalidValue, counted, parse, shown
from automations.engine.rules.lateness import late_problems
from automations.engine.rules.time_units import MOST, UNITS
from automations.engine.rules.trigger_schedule import DIRECTIONS, NTH, PERIODS, SETTINGS

#: The most repeats.
MOST_TIMES = 10_000

Data = Mapping[str, Any]


def check_schedule(known: Known, form: str, data: object) -> list[Problem]:
    """Return every problem with `trigger.schedule`; accepts any value. `form` is `TriggerKind.schedule`."""
    schedule = data if isinstance(data, Mapping) else {}
    problems = [
        Problem(f"trigger.schedule.{path}", sentence) for path, sentence in _FORMS[form](known, schedule)
    ]
    return [*problems, *unknown_settings(schedule, SETTINGS[form], "trigger.schedule")]


def _date_reached(known: Known, data: Data) -> Iterator[tuple[str, str]]:
    field = _one_of(known.subject.dates, data.get("field"))
    if field is None:
        offered = either([lower(candidate.label) for candidate in known.subject.dates])
        yield "field", f"Choose the date to count from: {offered}."
    if data.get("direction") not in DIRECTIONS:
        yield "direction", "Choose whether it is before or after the date."
    yield from _amount(data, "amount", "unit", 0)
    exact = field is not None and field.type == "datetime" and data.get("unit") in ("minutes", "hours")
    if data.get("time") and exact and field:
        yield "time", f"{field.label} has a time of its own: leave the time empty when you count in hours."
    else:
        yield from _time(data, needed=False)
    yield from _yearly(data, field)
    yield from _repeat(data)
    yield from late_problems(data)


def _yearly(data: Data, field: Field | None) -> Iterator[tuple[str, str]]:
    yearly = data.get("yearly")
    if yearly in (None, "", "no"):
        return
    if yearly != "yes":
        yield "yearly", "Say yes if it counts from that day of every year, or leave it out."
    elif field is not None and field.type != "date":
        yield "yearly", f"{field.label} has a time of its own and comes once; choose a date, or once."


def _repeat(data: Data) -> Iterator[tuple[str, str]]:
    if data.get("repeat_every") in (None, ""):
        return
    yield from _amount(data, "repeat_every", "repeat_unit", 1)
    if data.get("yearly") == "yes":
        yield "repeat_every", "What comes every year repeats by itself; leave the repeat empty."
    if whole(data.get("repeat_times"), 1, MOST_TIMES) is None:
        yield "repeat_times", f"Enter how many more times, as a whole number from 1 to {counted(MOST_TIMES)}."


def _stays(known: Known, data: Data) -> Iterator[tuple[str, str]]:
    field = _one_of(known.subject.statuses, data.get("status_field"))
    if field is None:
        offered = either([lower(one.label) for one in known.subject.statuses])
        yield "status_field", f"Choose which status is meant: {offered}."
    elif text(data.get("status")) not in known.choices_of(field):
        wrong = data.get("status")
        start = f"{field.label} has no choice {shown(wrong)}" if wrong else f"Choose the {lower(field.label)}"
        yield "status", f"{start}; pick one from the list."
    yield from _amount(data, "amount", "unit", 1)
    yield from _repeat(data)


def _scheduled(known: Known, data: Data) -> Iterator[tuple[str, str]]:
    every = data.get("every")
    if every not in PERIODS:
        yield "every", "Choose whether it runs every day, every week or every month."
    if every == "week" and text(data.get("weekday")) not in WEEKDAYS:
        yield "weekday", "Choose the day of the week."
    if every == "month":
        yield from _day_of_month(data)
    yield from _time(data, needed=True)
    segment = data.get("segment")
    if segment not in (None, ""):
        if known.subject.key != "customer":
            yield "segment", f"{known.subject.plural} have no segments; leave it empty."
        elif not isinstance(segment, str) or not known.references("segment", segment):
            yield "segment", f"There is no segment {shown(segment)}; pick one from the list."


def _day_of_month(data: Data) -> Iterator[tuple[str, str]]:
    nth = data.get("nth")
    if nth in (None, ""):
        if whole(data.get("day"), 1, 31) is None:
            yield "day", "Enter the day of the month as a whole number from 1 to 31."
        return
    if text(nth) not in NTH:
        yield "nth", f"Choose which one of the month it is: {either([*NTH])}."
    if text(data.get("weekday")) not in WEEKDAYS:
        yield "weekday", "Choose the day of the week."


def _amount(data: Data, path: str, unit: str, least: int) -> Iterator[tuple[str, str]]:
    most = MOST.get(text(data.get(unit)), MOST["days"])
    if whole(data.get(path), least, most) is None:
        wrong = data.get(path)
        quoted = f", not {shown(wrong)}" if wrong not in (None, "") else ""
        yield path, f"Enter a whole number from {least} to {counted(most)}{quoted}."
    if data.get(unit) not in UNITS:
        yield unit, f"Choose {either([*UNITS])}."


def _time(data: Data, *, needed: bool) -> Iterator[tuple[str, str]]:
    time = data.get("time")
    if time in (None, ""):
        if needed:
            yield "time", "Enter the time of day, such as 09:00."
        return
    try:
        parse("time", time if isinstance(time, str) else "?")
    except InvalidValue as problem:
        yield "time", f"The time {problem}."


def _one_of(fields: list[Field], key: object) -> Field | None:
    return next((field for field in fields if field.key == key), None)


_FORMS: Mapping[str, Callable[[Known, Data], Iterator[tuple[str, str]]]] = {
    "date_reached": _date_reached,
    "stays_in_status": _stays,
    "scheduled": _scheduled,
}
