"""What becomes of something whose time is over already, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from automations.engine.fields.problem import text, whole
from automations.engine.wording.formats import Formats, count_words
from automations.engine.wording.value_phrases import MISSING


def late_words(data: Mapping[str, Any], formats: Formats) -> str:
    """Return ", or at once if at most 1 day late", with gaps as "…"; "" if it does not say "send"."""
    if data.get("late") != "send":
        return ""
    return f", or at once if at most {_count(data, formats)} late"


def span_words(late: timedelta, formats: Formats) -> str:
    """Return a span in its two largest units: "2 days", "1 day 1 hour", "less than a minute"."""
    minutes, parts = int(late.total_seconds() // 60), []
    for size, unit in ((1440, "days"), (60, "hours"), (1, "minutes")):
        if minutes >= size:
            parts.append(count_words(minutes // size, unit, formats))
        minutes %= size
    return " ".join(parts[:2]) or "less than a minute"


def _count(data: Mapping[str, Any], formats: Formats) -> str:
    count, unit = whole(data.get("late_within"), 0, 100_000), text(data.get("late_unit"))
    if count is None or not unit:
        return f"{MISSING} {unit or MISSING}"
    return count_words(count, unit, formats)
