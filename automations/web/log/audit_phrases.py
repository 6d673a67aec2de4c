"""An audit row's change, as one line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

LONGEST = 200
NAMES = {
    "sender_email": "sender",
    "timezone": "time zone",
    "host": "server",
    "security": "encryption",
    "username": "user name",
}


def changes_words(before: Any, after: Any) -> str:
    """Return text such as "name: Bloom → Bloom & Wild" for the plain data of an audit row."""
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = _mapping(before), _mapping(after)
        names = dict.fromkeys([*old, *new])
        parts = [f"{NAMES.get(name, name)}: {_change(old.get(name), new.get(name))}" for name in names]
        return " · ".join(parts)
    return _change(before, after)


def register(app: Flask) -> None:
    """Make `changes_words` available to templates."""
    app.jinja_env.globals.update(changes_words=changes_words)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _change(before: Any, after: Any) -> str:
    if before in (None, ""):
        return _short(after)
    return f"{_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
