"""A hold in words: how often it fired, and how often it usually does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.operators.value_types import counted
from automations.engine.surge.surge import LATEST

_WINDOWS = {60: "a minute", 600: "10 minutes", 3600: "an hour", 86400: "a day"}


def what_happened(figures: Mapping[str, Any], fired: int) -> str:
    """Return the sentence without its stop: "312 fired, more than 49 in 10 minutes; usually 14 a day"."""
    seconds, limit = figures["seconds"], figures["limit"]
    within = f"in {_WINDOWS[seconds]}" if seconds else f"on the last {LATEST} changes"
    per_day = figures["per_day"]
    often = "" if per_day is None else f"; usually {usually(per_day)}"
    return f"{counted(fired)} fired, more than {counted(limit)} {within}{often}"


def usually(per_day: float) -> str:
    """Return how often that is: "14 a day", "3 a week", "never"."""
    if per_day >= 1:
        return f"{per_day:,.0f} a day"
    a_week = per_day * 7
    return f"{a_week:.0f} a week" if a_week >= 1 else "less than one a week"
