"""A form that was open while somebody saved the same settings elsewhere: only what was changed in it counts.

The form carries, in SEEN, what it showed when it was opened. What was left as it was shown takes the value
that is stored by now; what was changed here and elsewhere is refused once, with what it is now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.datastructures import MultiDict

SEEN = "seen"


@dataclass(frozen=True)
class Opened:
    """What a form is to save, and the name and the present value of what was also changed elsewhere."""

    values: MultiDict[str, str]
    clashes: Mapping[str, str]


def register(app: Flask) -> None:
    """Register `seen_text` with templates."""
    app.jinja_env.globals.update(seen_text=seen_text)


def seen_text(stored: Mapping[str, str]) -> str:
    """Return what a form shows as one text, for `seen_values`."""
    return json.dumps(dict(stored), ensure_ascii=False)


def seen_values(sent: Mapping[str, str]) -> dict[str, str]:
    """Return what a form that was sent showed when it was opened."""
    try:
        seen = json.loads(sent.get(SEEN, ""))
    except ValueError:
        return {}
    pairs = seen.items() if isinstance(seen, dict) else ()
    return {name: text for name, text in pairs if isinstance(text, str)}


def combined(sent: Mapping[str, str], stored: Mapping[str, str], secrets: Iterable[str] = ()) -> Opened:
    """Return what was sent, with what is stored by now where the form was left as it was opened.

    With one of `secrets` typed, all changes elsewhere are refused: it was typed for what the form showed.
    """
    values = MultiDict(sent)
    seen, clashes = seen_values(values), {}
    has_secret = any(values.get(name) for name in secrets)
    for name in stored.keys() & seen.keys():
        now, shown, typed = stored[name], seen[name], values.get(name, "")
        if is_same(typed, now) or is_same(shown, now):
            continue
        if has_secret or not is_same(typed, shown):
            clashes[name] = now
        elif now:
            values[name] = now
        else:
            values.poplist(name)
    return Opened(values, clashes)


def is_same(text: str, other: str) -> bool:
    """Return whether two texts are the same to a form: browsers write line breaks anew, and trim some."""
    return _plain(text) == _plain(other)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
