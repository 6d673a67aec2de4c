"""The row of controls that says when an action runs, and its initial values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automations.engine.fields.subject import Subject
from automations.engine.rules.time_units import UNITS
from automations.engine.rules.trigger_schedule import DIRECTIONS
from automations.web.builder import late_controls
from automations.web.builder.controls import Control, select

WHEN = {
    "now": "Straight away",
    "after": "After some time",
    "date": "Around a date",
    "working_hours": "In working hours",
}
_RECHECK = {"yes": "only if the conditions still hold", "no": "in any case"}


def with_defaults(timing: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """Return the timing, filled with the initial values of its kind if it has none of them."""
    first = next(iter(subject.dates), None)
    initial = {
        "after": {"amount": "1", "unit": "hours"},
        "date": {"amount": "1", "unit": "days", "direction": "before", "time": "09:00"}
        | late_controls.FIRST
        | ({"field": first.key} if first else {}),
    }.get(str(timing.get("when")), {})
    missing = initial if not any(key in timing for key in initial) else {}
    # An action that waits for its date already says nothing for a reason: it was written before it could.
    late = late_controls.FIRST if timing.get("when") == "date" and "field" not in timing else {}
    return late_controls.with_limit({**late, **missing, **timing})


def timing_controls(
    place: int,
    timing: Mapping[str, Any] | None,
    subject: Subject | None,
    zone: str,
    errors: Mapping[str, str],
) -> tuple[Control, ...]:
    """Return the row of the action at `place` (from 0). Errors are keyed "actions.0.timing.amount"."""
    values = timing or {}
    when = str(values.get("when") or "now")
    row = _TimingRow(place, values, subject, zone)
    controls = [row.when(when), *(row.make(part) for part in _PARTS.get(when, ()))]
    if when == "date":
        prefix, whose = f"actions-{place}-timing-", f"Action {place + 1}: "
        controls += late_controls.late_controls(prefix, whose, values, late_controls.SENDS)
    return tuple(
        replace(control, error=errors.get(control.name.replace("-", "."), "")) for control in controls
    )


_PARTS = {
    "after": ("amount", "unit", "recheck"),
    "date": ("amount", "unit", "direction", "field", "time", "recheck"),
    "working_hours": ("recheck",),
}


class _TimingRow:
    """The controls of one action's timing."""

    def __init__(self, place: int, values: Mapping[str, Any], subject: Subject | None, zone: str) -> None:
        self._place, self._values, self._subject, self._zone = place, values, subject, zone

    def when(self, value: str) -> Control:
        return self._select("when", "when it follows", value, WHEN, redraws=True)

    def make(self, part: str) -> Control:
        value = str(self._values.get(part) or "")
        if part == "amount":
            return Control(self._name(part), self._label("how many"), value, type="decimal")
        if part == "time":
            return Control(
                self._name(part), self._label("time of day"), value, type="time", suffix=self._zone, word="at"
            )
        if part == "recheck":
            recheck = "no" if self._values.get("recheck") is False else "yes"
            return self._select("recheck", "check the conditions again", recheck, _RECHECK)
        label, offered = self._lists()[part]
        return self._select(part, label, value, offered)

    def _lists(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        dates = {field.key: field.label for field in self._subject.dates} if self._subject else {}
        units, directions = (
            dict(zip(UNITS, UNITS, strict=True)),
            dict(zip(DIRECTIONS, DIRECTIONS, strict=True)),
        )
        return {
            "unit": ("unit", units),
            "direction": ("before or after", directions),
            "field": ("date it counts from", dates),
        }

    def _select(
        self, part: str, label: str, value: str, offered: Mapping[str, str], redraws: bool = False
    ) -> Control:
        empty = "" if value else "Choose…"
        return select(
            self._name(part), self._label(label), value, offered.items(), empty=empty, redraws=redraws
        )

    def _name(self, part: str) -> str:
        return f"actions-{self._place}-timing-{part}"

    def _label(self, text: str) -> str:
        return f"Action {self._place + 1}: {text}"
