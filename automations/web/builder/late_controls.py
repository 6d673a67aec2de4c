"""The controls that say what becomes of a message whose time is over when its date becomes known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.rules.lateness import UNITS
from automations.web.builder.controls import Control, select

#: What a new schedule or timing says.
FIRST = {"late": "send", "late_within": "1", "late_unit": "days"}
#: How the first choice reads where nothing is said: triggers skip, and older actions send however late.
SKIPS, SENDS = ("", "skip it"), ("", "send at once, however late")
_SKIP, _SEND = ("skip", "skip it"), ("send", "send at once")


def with_limit(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with the usual limit if they say "send" and no limit yet."""
    unlimited = data.get("late") == "send" and not data.get("late_within") and not data.get("late_unit")
    return {**data, **FIRST} if unlimited else dict(data)


def late_controls(prefix: str, whose: str, data: Mapping[str, Any], unsaid: tuple[str, str]) -> list[Control]:
    """Return the controls for `late`, `late_within` and `late_unit`, whose names begin with `prefix`.

    `whose` begins their labels, "Action 2: ". `unsaid` is the choice for saying nothing.
    """
    late = data.get("late")
    if unsaid == SKIPS:
        late, offered = ("" if late == "skip" else late), [SKIPS, _SEND]
    else:
        offered = [_SKIP, _SEND] if late else [unsaid, _SKIP, _SEND]
    what = select(
        f"{prefix}late",
        f"{whose}If that is over already",
        late,
        offered,
        word="if that is over already,",
        redraws=True,
    )
    if late != "send":
        return [what]
    within = Control(
        f"{prefix}late_within",
        f"{whose}How late at most",
        str(data.get("late_within") or ""),
        type="decimal",
        word="if at most",
    )
    unit, units = data.get("late_unit"), [(unit, f"{unit} late") for unit in UNITS]
    empty, label = "" if unit else "Choose…", f"{whose}Unit of how late"
    return [what, within, select(f"{prefix}late_unit", label, unit, units, empty=empty)]
