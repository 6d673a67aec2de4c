"""An audit row as a sentence: who did what, and what it was before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from automations.models.tables.people import Audit
from automations.web.log.audit_changes import changed_words
from automations.web.log.audit_details import special, told_of

PROGRAM = "The program"
#: Actions whose words stand on both sides of what they were about.
_AROUND = {
    "sent now": "sent {} ahead of its time",
    "sent ahead": "sent {} ahead of its time",
    "sent early": "sent {} ahead of its time",
    "put back": "put {} back",
    "marked as arrived": "marked {} as arrived",
    "invited again": "invited {} again",
}


#: What stands without the word before it that a sentence needs.
_CALLED = (
    ("automation “”", "an automation without a name"),
    ("email server", "the email server"),
    ("text message settings", "the text message settings"),
    ("chat settings", "the chat settings"),
    ("EasyPost settings", "the EasyPost settings"),
    ("own password", "their own password"),
    ("personal data", "the personal data"),
    ("API key", "the API key"),
    ("HTTP secret", "the HTTP secret"),
)


def actor(row: Audit) -> str:
    """Return who did it: a person, an API key by its name, or the program."""
    if row.user:
        return row.user.name
    said = (part.get("by") for part in (row.after, row.before) if isinstance(part, Mapping))
    by = next((str(name) for name in said if name), "")
    return by[:1].upper() + by[1:] if by else PROGRAM


def done_words(row: Audit) -> str:
    """Return the end of a sentence that begins with who did it."""
    return what_was_done(row.action, row.about, _without_actor(row.before), _without_actor(row.after))


def what_was_done(action: str, about: str, before: Any = None, after: Any = None) -> str:
    """Return the end of a sentence: "changed the status of order 10482 from Unpaid to Paid"."""
    if action in ("signed in", "signed out"):
        return action
    about = next((f"{words}{about[len(name) :]}" for name, words in _CALLED if about.startswith(name)), about)
    told = told_of(action, about, before, after)
    if action in _AROUND:
        return _AROUND[action].format(about)
    tell = special(told)
    return tell(told) if tell else changed_words(action, about, before, after)


def register(app: Flask) -> None:
    """Make them available to templates."""
    app.jinja_env.globals.update(audit_actor=actor, audit_words=done_words)


def _without_actor(value: Any) -> Any:
    if not isinstance(value, Mapping) or "by" not in value:
        return value
    return {name: inner for name, inner in value.items() if name != "by"} or None
