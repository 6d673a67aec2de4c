"""The typed schedules of time triggers, built from `trigger.schedule`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.rules import lateness

DIRECTIONS = ("before", "after")
PERIODS = ("day", "week", "month")
#: Which weekday of a month: "second", as in "the second Tuesday".
NTH: Mapping[str, int] = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 0}
LAST = NTH["last"]
_REPEAT = ("repeat_every", "repeat_unit", "repeat_times")
#: The settings that each form of `trigger.schedule` knows.
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "date_reached": ("field", "direction", "amount", "unit", "yearly", "time", *_REPEAT, *lateness.SETTINGS),
    "stays_in_status": ("status_field", "status", "amount", "unit", *_REPEAT),
    "scheduled": ("every", "weekday", "nth", "day", "time", "segment"),
}
#: The settings that a schedule leaves out where they say nothing.
OPTIONAL = frozenset({"yearly", "nth", *lateness.SETTINGS})


@dataclass(frozen=True, slots=True)
class DateReached:
    """Due a given time before or after a date of the record, then repeatedly at an interval."""

    field: str
    direction: str
    amount: int
    unit: str
    #: The local time of day; if None, a date counts from midnight and a datetime keeps its own time.
    at: time | None = None
    repeat_every: int | None = None
    repeat_unit: str = "days"
    #: The number of repeats after the first time.
    repeat_times: int = 0
    #: How late it is still due where its date was set after the time; by default it is not due then.
    late_limit: timedelta = lateness.NEVER
    #: Whether it counts from the same day of every later year too, as from a birthday.
    yearly: bool = False


@dataclass(frozen=True, slots=True)
class StaysInStatus:
    """Due a given time after the record entered a status and then repeatedly, while it is still in it."""

    status_field: str
    status: str
    amount: int
    unit: str
    repeat_every: int | None = None
    repeat_unit: str = "days"
    #: The number of repeats after the first time.
    repeat_times: int = 0

    @property
    def counted(self) -> DateReached:
        """The same, counted from the moment at which the status was entered."""
        repeat = (self.repeat_every, self.repeat_unit, self.repeat_times)
        return DateReached("", "after", self.amount, self.unit, None, *repeat)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Due every day, every week on a weekday, or every month on a day or its nth weekday, at a local time."""

    every: str
    at: time
    #: Monday is 0.
    weekday: int | None = None
    #: In a month without this day, the last day of the month.
    day: int | None = None
    #: The segment of customers it applies to; None means every record.
    segment: str | None = None
    #: Which of a month’s days with that weekday, a value of NTH.
    nth: int | None = None


Schedule = DateReached | StaysInStatus | Scheduled


def schedule_from(form: str | None, data: object) -> Schedule | None:
    """Return the schedule of plain data that passed `check`; `form` is `TriggerKind.schedule`."""
    return _FORMS[form](data) if form and isinstance(data, Mapping) else None


def _date_reached(data: Mapping[str, Any]) -> DateReached:
    amount, at = int(data["amount"]), _time(data.get("time"))
    late_limit = lateness.late_limit(data, unsaid=lateness.NEVER)
    timing = (data["field"], data["direction"], amount, data["unit"], at)
    return DateReached(*timing, *_repeat(data), late_limit, yearly=data.get("yearly") == "yes")


def _stays(data: Mapping[str, Any]) -> StaysInStatus:
    amount, unit = int(data["amount"]), data["unit"]
    return StaysInStatus(data["status_field"], data["status"], amount, unit, *_repeat(data))


def _repeat(data: Mapping[str, Any]) -> tuple[int | None, str, int]:
    every = data.get("repeat_every") or None
    if not every:
        return None, "days", 0
    return int(every), data.get("repeat_unit") or "days", int(data.get("repeat_times") or 0)


def _scheduled(data: Mapping[str, Any]) -> Scheduled:
    every = data["every"]
    nth = NTH[data["nth"]] if every == "month" and data.get("nth") else None
    return Scheduled(
        every,
        time.fromisoformat(data["time"]),
        list(WEEKDAYS).index(data["weekday"]) if every == "week" or nth is not None else None,
        int(data["day"]) if every == "month" and nth is None else None,
        data.get("segment") or None,
        nth,
    )


def _time(text: object) -> time | None:
    return time.fromisoformat(text) if isinstance(text, str) and text else None


_FORMS: Mapping[str, Callable[[Mapping[str, Any]], Schedule]] = {
    "date_reached": _date_reached,
    "stays_in_status": _stays,
    "scheduled": _scheduled,
}
