"""The values that one record of a bulk change gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.pipeline.intake.field_types import MOST_TAGS

Values = dict[str, Any]


def values_for(task: Mapping[str, Any], record: Mapping[str, Any], target: str | None) -> Values | None:
    """Return the columns to change; {} if the record is so already, None if it cannot be changed.

    Undone, a status goes back only where it is still what the change made of it.
    """
    if task["kind"] == "set":
        return _status(task, record, target)
    tags, key = list(record["tags"] or ()), task["tag"].casefold()
    has_it = any(tag.casefold() == key for tag in tags)
    if task["kind"] == "remove_tag":
        return {"tags": [tag for tag in tags if tag.casefold() != key]} if has_it else {}
    if has_it:
        return {}
    return {"tags": [*tags, task["tag"]]} if len(tags) < MOST_TAGS else None


def _status(task: Mapping[str, Any], record: Mapping[str, Any], target: str | None) -> Values:
    column, value = task["column"], task["value"]
    if target is not None:
        return {column: target} if record[column] == value and target != value else {}
    return {} if record[column] == value else {column: value}
