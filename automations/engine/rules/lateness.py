"""What becomes of a message whose time was already over when its date became known.

A trigger and an action say it with the same settings: `late` is "skip" or "send", and with "send",
`late_within` and `late_unit` say how late it may still be sent at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from automations.engine.fields.problem import text, whole
from automations.engine.operators.value_types import counted

LATE = ("skip", "send")
UNITS = ("minutes", "hours", "days", "weeks")
#: The settings of a schedule or a timing.
SETTINGS = ("late", "late_within", "late_unit")
#: The longest it may be late, by unit: a month. What is older is history, not a reminder.
MOST = {"minutes": 44_640, "hours": 744, "days": 31, "weeks": 4}
#: Work is done a moment after its time; only what is later than this is late.
GRACE = timedelta(minutes=1)

NEVER, ALWAYS = timedelta(0), timedelta.max


def late_limit(data: Mapping[str, Any], unsaid: timedelta) -> timedelta:
    """Return how late it may be sent at once; `unsaid` holds where nothing is said about it.

    `data` passed `late_problems`.
    """
    late = data.get("late")
    if late == "send":
        return timedelta(**{data["late_unit"]: int(data["late_within"])})
    return NEVER if late == "skip" else unsaid


def is_late(by: timedelta) -> bool:
    """Whether something that much behind its time was over when its date became known."""
    return by > GRACE


def late_problems(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (setting, sentence) for what is wrong; accepts any values."""
    late = data.get("late")
    if late in (None, ""):
        return
    if late not in LATE:
        yield "late", "Choose what becomes of it when it is over already: skip it, or send it at once."
    if late != "send":
        return
    unit = text(data.get("late_unit"))
    if unit not in UNITS:
        yield "late_unit", "Choose minutes, hours, days or weeks."
    most = MOST.get(unit, MOST["minutes"])
    if whole(data.get("late_within"), 1, most) is None:
        yield (
            "late_within",
            f"Enter how late it may still be sent, as a whole number from 1 to {counted(most)}.",
        )
