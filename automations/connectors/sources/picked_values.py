"""Reads the values that a person picked in a payload; one that cannot be read is told as a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from automations.connectors.plain_text import one_line
from automations.connectors.sources import json_tree
from automations.connectors.sources.delivery_dates import day_of
from automations.connectors.sources.delivery_times import times_of
from automations.connectors.sources.json_paths import MISSING, Path, value_at
from automations.connectors.sources.mapping_targets import (
    BEGIN,
    DATE,
    END,
    LONG,
    MOMENT,
    MONEY,
    TAGS,
    TEXT,
    WHOLE,
    WORD,
    MappingTarget,
)
from automations.connectors.sources.payload import NAME, long_text, moment, number
from automations.connectors.sources.written_numbers import OTHER, UNCLEAR, mark_of, number_of
from automations.engine.fields.written_amounts import written_amount

Settings = Mapping[str, Any]
_EPOCH_DIGITS = range(9, 14)


@dataclass(frozen=True, slots=True)
class PickedValue:
    """What a path gives for a field: a typed value, None if nothing is there, or why it cannot be read."""

    value: Any = None
    problem: str = ""


def pick(target: MappingTarget, data: object, path: Path, settings: Settings) -> PickedValue:
    """Return the value of a field at a path of a payload."""
    raw = value_at(data, path)
    if raw is MISSING or raw is None or raw in ("", [], {}):
        return PickedValue()
    if isinstance(raw, dict | list) and target.kind != TAGS:
        return PickedValue(problem=f"{target.label}: there is not a single value.")
    try:
        return PickedValue(_READERS[target.kind](raw, settings))
    except ValueError as error:
        return PickedValue(problem=f"{target.label}: {error}")


def _text(raw: Any, _: Settings) -> str | None:
    return one_line(str(raw) if not isinstance(raw, bool) else json_tree.text_of(raw), NAME) or None


def _long(raw: Any, settings: Settings) -> str | None:
    return (long_text(raw) or None) if isinstance(raw, str) else _text(raw, settings)


def _amount(raw: Any, settings: Settings) -> Any:
    if settings.get("mapping", {}).get("minor"):
        return written_amount(raw, settings["currency"], minor=True).amount
    return exact(raw, "an amount")


def exact(raw: Any, what: str) -> Any:
    """Return a number or a text that is one. Raises ValueError with a sentence."""
    found, text = number(raw), json_tree.text_of(raw)[:60]
    if found is None and isinstance(raw, str):
        # As a page shows it: “84,50 €”.
        mark = mark_of(raw)
        if mark == UNCLEAR:
            either = " or ".join(f"{number_of(raw, mark):f}" for mark in OTHER)
            raise ValueError(f"“{text}” may be {either}.")
        found = number_of(raw, mark or ".")
    if found is None:
        raise ValueError(f"“{text}” cannot be read as {what}.")
    return found


def _whole(raw: Any, _: Settings) -> int:
    found = exact(raw, "a number")
    if found != int(found):
        raise ValueError(f"“{found}” is not a whole number.")
    return int(found)


def _moment(raw: Any, _: Settings) -> dt.datetime:
    if isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) in _EPOCH_DIGITS:
        raw = int(raw)
    found = moment(raw)
    if found is None:
        raise ValueError(f"“{json_tree.text_of(raw)[:60]}” cannot be read as a time.")
    return found


def _date(raw: Any, settings: Settings) -> str:
    said = json_tree.text_of(raw)
    day = day_of(said, ZoneInfo(settings["zone"]), bool(settings.get("month_first")))
    if day is None:
        raise ValueError(f"“{said[:60]}” cannot be read as a date.")
    return day.isoformat()


def _begin(raw: Any, settings: Settings) -> str | None:
    return _times(raw, settings)[0] or None


def _end(raw: Any, settings: Settings) -> str | None:
    """Return when it ends; a time alone is the end itself."""
    begin, end = _times(raw, settings)
    return end or begin or None


def _times(raw: Any, settings: Settings) -> tuple[str, str]:
    said = json_tree.text_of(raw)
    found = times_of(said, ZoneInfo(settings["zone"]))
    if found is None:
        raise ValueError(f"“{said[:60]}” cannot be read as a time of day.")
    return found


def _tags(raw: Any, _: Settings) -> list[str] | None:
    parts = raw if isinstance(raw, list) else json_tree.text_of(raw).split(",")
    texts = [json_tree.text_of(part)[:100].strip() for part in parts if not isinstance(part, dict | list)]
    return list(dict.fromkeys(text for text in texts if text))[:50] or None


_READERS: Mapping[str, Callable[[Any, Settings], Any]] = {
    TEXT: _text,
    LONG: _long,
    WORD: _text,
    MONEY: _amount,
    WHOLE: _whole,
    MOMENT: _moment,
    DATE: _date,
    BEGIN: _begin,
    END: _end,
    TAGS: _tags,
}
