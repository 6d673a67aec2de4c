"""What a customer is after another was merged into them, and again after that was undone. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
#: Columns of the one who stays that are kept unless they are empty.
_FILLED = ("first_name", "last_name", "email", "phone", "phone_key", "account_id", "language")
_NAMES = ("first_name", "last_name")


def joined(stays: Row, goes: Row) -> dict[str, Any]:
    """Return the columns that differ afterwards. Consent is kept only if both gave it."""
    values = {name: stays[name] or goes[name] for name in _FILLED if name not in _NAMES}
    # Half of one name and half of another would be nobody's.
    named = stays if any(stays[name] for name in _NAMES) else goes
    values |= {name: named[name] for name in _NAMES}
    if values["phone"] == stays["phone"]:
        values["phone_key"] = stays["phone_key"]
    values["tags"] = _both_tags(stays["tags"] or [], goes["tags"] or [])
    values["note"] = _both_notes(stays["note"], goes["note"])
    values["custom"] = _both_custom(stays["custom"], goes["custom"])
    values["created_at"] = min(stays["created_at"], goes["created_at"])
    if stays["marketing_consent"] and not goes["marketing_consent"]:
        values |= {"marketing_consent": False, "marketing_consent_since": goes["marketing_consent_since"]}
    return {name: value for name, value in values.items() if value != stays[name]}


def parted(before: Row, after: Row, now: Row) -> dict[str, Any]:
    """Return the columns to set back: of what the merge changed, that which nobody has changed since.

    Of tags and own fields each is looked at by itself.
    """
    values: dict[str, Any] = {}
    for name, joined_value in after.items():
        if name == "tags":
            values[name] = _parted_tags(before[name] or [], joined_value or [], now[name] or [])
        elif name == "custom":
            values[name] = _parted_custom(before[name], joined_value, now[name])
        elif now[name] == joined_value:
            values[name] = before[name]
    if "marketing_consent" in after and "marketing_consent" not in values:
        # The answer since then stands, and so does its date.
        values.pop("marketing_consent_since", None)
    return {name: value for name, value in values.items() if value != now[name]}


def _both_tags(stays: list[str], goes: list[str]) -> list[str]:
    known = {tag.casefold() for tag in stays}
    return [*stays, *(tag for tag in goes if tag.casefold() not in known)]


def _both_notes(stays: str, goes: str) -> str:
    return stays if goes in stays else f"{stays}\n\n{goes}" if stays else goes


def _both_custom(stays: Any, goes: Any) -> Any:
    if not goes:
        return stays
    given = {key: value for key, value in (stays or {}).items() if value is not None}
    return {**(stays or {}), **goes, **given}


def _parted_tags(before: list[str], after: list[str], now: list[str]) -> list[str]:
    if now == after:
        return before
    added = {tag.casefold() for tag in after} - {tag.casefold() for tag in before}
    return [tag for tag in now if tag.casefold() not in added]


def _parted_custom(before: Any, after: Any, now: Any) -> Any:
    if now == after:
        return before
    earlier, joined_values, present = before or {}, after or {}, dict(now or {})
    for key in joined_values:
        if present.get(key) == joined_values[key]:
            present[key] = earlier.get(key)
    return {key: value for key, value in present.items() if value is not None or key in earlier} or before


def plain_row(row: Row) -> dict[str, Any]:
    """Return a row as plain data, instants as text."""
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in row.items()
    }


def read_row(plain: Row, instants: frozenset[str]) -> dict[str, Any]:
    """Return the row that `plain_row` wrote; `instants` are the columns that hold one."""
    return {
        name: dt.datetime.fromisoformat(value) if value and name in instants else value
        for name, value in plain.items()
    }
