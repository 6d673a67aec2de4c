"""An audit row's change, as one line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

LONGEST = 200
_NOTHING = (None, "")
#: Actions that need a word more before what they were about.
_ASKS_FOR = {
    "sent a link": "sent a link to",
    "tried to sign in": "tried to sign in:",
    "was asked for a new password": "was asked for a new password of",
    "was told by EasyPost": "was told by EasyPost about",
}
#: Actions whose words stand on both sides of what they were about.
_AROUND = {
    "tried again": "tried {} again",
    "tried now": "tried {} at once",
    "said it arrived": "said that {} arrived",
    "sent again": "sent {} again",
    "sent now": "sent {} ahead of its time",
    "sent ahead": "sent {} ahead of its time",
    "put back": "put {} back",
    "marked as arrived": "marked {} as arrived",
}
NAMES = {
    "sender_email": "sender",
    "timezone": "time zone",
    "host": "server",
    "security": "encryption",
    "username": "user name",
}


def changes_words(before: Any, after: Any) -> str:
    """Return text such as "name from Bloom to Bloom & Wild" for the plain data of an audit row.

    What has neither a value before nor after is only mentioned: the values of a record that may be a person's
    are not in the audit, which cannot be erased.
    """
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = _mapping(before), _mapping(after)
        return " · ".join(_change(_name(name), old.get(name), new.get(name)) for name in {**old, **new})
    if isinstance(after, list):
        return ", ".join(_name(str(name)) for name in after)
    return _change("", before, after)


def what_was_done(action: str, about: str) -> str:
    """Return the end of a sentence that begins with who did it: "changed order 10482"."""
    if action in ("signed in", "signed out"):
        return action
    if action in _AROUND:
        return _AROUND[action].format(about)
    return f"{_ASKS_FOR.get(action, action)} {about}"


def register(app: Flask) -> None:
    """Make them available to templates."""
    app.jinja_env.globals.update(changes_words=changes_words, what_was_done=what_was_done)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _name(name: str) -> str:
    return NAMES.get(name, name.replace("_", " "))


def _change(name: str, before: Any, after: Any) -> str:
    if before in _NOTHING and after in _NOTHING:
        return name
    if before in _NOTHING:
        return f"{name}: {_short(after)}" if name else _short(after)
    return f"{name} from {_short(before)} to {_short(after)}".lstrip()


def _short(value: Any) -> str:
    text = "nothing" if value in _NOTHING else _listed(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _listed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
