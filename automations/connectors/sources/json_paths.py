"""Paths into a payload: names and places in lists, and nothing that is evaluated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Path = tuple[str | int, ...]
#: The most steps of a path, and the most characters of a name in it.
DEEPEST, LONGEST_NAME = 20, 200
_LONGEST_TEXT = 10_000
#: No value is there; null is a value.
MISSING = object()


def value_at(data: object, path: Path) -> Any:
    """Return the value at a path, or MISSING. A place only counts in a list, a name only in an object."""
    for step in path:
        if isinstance(step, str) and isinstance(data, Mapping):
            data = data.get(step, MISSING)
        elif isinstance(step, int) and isinstance(data, list) and 0 <= step < len(data):
            data = data[step]
        else:
            return MISSING
    return data


def written(path: Path) -> str:
    """Return a path as plain text that forms carry unchanged."""
    return json.dumps(path)


def read(text: str) -> Path | None:
    """Return the path that `written` made; None for anything else, and for a path that cannot be kept."""
    try:
        steps = json.loads(text) if len(text) <= _LONGEST_TEXT else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(steps, list) or not all(isinstance(step, str) or type(step) is int for step in steps):
        return None
    path = tuple(steps)
    return path if can_be_kept(path) else None


def can_be_kept(path: Path) -> bool:
    """Return whether a path is short enough, of characters that every database stores."""
    return len(path) <= DEEPEST and all(_is_plain(step) for step in path)


def in_words(path: Path) -> str:
    """Return a path for people: “order.lines.1.sku”, counting from 1."""
    steps = (str(step + 1) if isinstance(step, int) else step for step in path)
    return ".".join(step if step.strip() else "“”" for step in steps) or "the whole message"


def _is_plain(step: str | int) -> bool:
    if isinstance(step, int):
        return 0 <= step < 1_000_000
    return (
        len(step) <= LONGEST_NAME
        and "\0" not in step
        and not any("\ud800" <= one <= "\udfff" for one in step)
    )
