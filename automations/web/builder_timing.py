"""When an action follows: the row of controls, and what it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automations.engine.schedule import DIRECTIONS, UNITS
from automations.engine.subject import Subject
from automations.web.builder_controls import Control, select

WHEN = {
    "now": "Straight away",
    "after": "After some time",
    "date": "Around a date",
    "working_hours": "In working hours",
}
_RECHECK = {"yes": "only if the conditions still hold", "no": "in any case"}


def completed(timing: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """The timing with what it needs to begin with."""
    first = next(iter(subject.dates), None)
    needed = {
        "after": {"amount": "1", "unit": "hours"},
        "date": {"amount": "1", "unit": "days", "direction": "before", "time": "09:00"}
        | ({"field": first.key} if first else {}),
    }.get(str(timing.get("when")), {})
    begun = needed if not any(key in timing for key in needed) else {}
    return {**begun, **timing}


def timing_controls(
    place: int,
    timing: Mapping[str, Any] | None,
    subject: Subject | None,
    zone: str,
    errors: Mapping[str, str],
) -> tuple[Control, ...]:
    """The row of the action at `place`; `errors` by path, "actions.0.timing.amount"."""
    given = timing or {}
    when = str(given.get("when") or "now")
    row = _Row(place, given, subject, zone)
    made = [row.when(when), *(row.make(part) for part in _PARTS.get(when, ()))]
    return tuple(replace(one, error=errors.get(one.name.replace("-", "."), "")) for one in made)


_PARTS = {
    "after": ("amount", "unit", "recheck"),
    "date": ("amount", "unit", "direction", "field", "time", "recheck"),
    "working_hours": ("recheck",),
}


class _Row:
    """The controls of one action's timing."""

    def __init__(self, place: int, given: Mapping[str, Any], subject: Subject | None, zone: str) -> None:
        self._place, self._given, self._subject, self._zone = place, given, subject, zone

    def when(self, value: str) -> Control:
        return self._select("when", "when it follows", value, WHEN, redraws=True)

    def make(self, part: str) -> Control:
        value = str(self._given.get(part) or "")
        if part == "amount":
            return Control(self._name(part), self._label("how many"), value, type="decimal")
        if part == "time":
            return Control(
                self._name(part), self._label("time of day"), value, type="time", suffix=self._zone, word="at"
            )
        if part == "recheck":
            asked = "no" if self._given.get("recheck") is False else "yes"
            return self._select("recheck", "look at the conditions again", asked, _RECHECK)
        label, offered = self._lists()[part]
        return self._select(part, label, value, offered)

    def _lists(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        dates = {one.key: one.label for one in self._subject.dates} if self._subject else {}
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
