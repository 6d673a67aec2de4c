"""What the builder's form says, as rule data: complete or not, sensible or forged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from automations.actions import ACTIONS
from automations.engine.check import MAX_CONDITIONS
from automations.models.choices import StoreWords
from automations.pipeline.drafts import MAX_ACTIONS
from automations.web.builder_values import field_of, plain_value

Entry = dict[str, str]

_NAME = re.compile(r"(conditions|actions)-([0-9]{1,6})-(.+)")
_LIMITS = {"conditions": MAX_CONDITIONS, "actions": MAX_ACTIONS}


@dataclass(frozen=True)
class Shown:
    """What the page was drawn for, so that it can be told what its reader changed."""

    trigger: str | None
    fields: tuple[str | None, ...]


@dataclass(frozen=True)
class Submitted:
    """One form. `refusal` is a sentence when there is more of something than may be."""

    name: str
    revision: int
    data: dict[str, Any]
    shown: Shown
    record: str
    refusal: str = ""


def read(form: MultiDict[str, str], words: StoreWords) -> Submitted:
    """The form as it was sent; what is too much is left out and said in `refusal`."""
    entries = _entries(form)
    refusal = " ".join(filter(None, (_refusal(kind, len(found)) for kind, found in entries.items())))
    conditions, actions = (entries[kind][:limit] for kind, limit in _LIMITS.items())
    subject = form.get("subject", "")
    return Submitted(
        name=" ".join(form.get("name", "").split()),
        revision=_number(form.get("over") or form.get("revision", "")),
        data={
            "subject": subject,
            "trigger": _trigger(form),
            "conditions": [_condition(subject, entry, words) for entry in conditions],
            "actions": [_action(entry) for entry in actions],
        },
        shown=Shown(form.get("trigger-shown"), tuple(entry.get("shown") for entry in conditions)),
        record=(form.get("record-number", "") or form.get("record", "")).strip(),
        refusal=refusal,
    )


def _entries(form: MultiDict[str, str]) -> dict[str, list[Entry]]:
    """The numbered rows of the form in the order of their numbers, gaps closed."""
    found: dict[str, dict[int, Entry]] = {kind: {} for kind in _LIMITS}
    for name, value in form.items():
        match = _NAME.fullmatch(name)
        if match:
            kind, number, part = match.groups()
            found[kind].setdefault(int(number), {})[part] = value
    return {kind: [rows[number] for number in sorted(rows)] for kind, rows in found.items()}


def _refusal(kind: str, count: int) -> str:
    most = _LIMITS[kind]
    if count <= most:
        return ""
    return (
        f"This automation has {count:,} {kind}; the most is {most}. "
        f"Nothing was saved; the first {most} are shown here."
    )


def _trigger(form: Mapping[str, str]) -> dict[str, str | None]:
    return {part: form.get(f"trigger-{part}") or None for part in ("key", "from", "to")}


def _condition(subject: str, entry: Entry, words: StoreWords) -> dict[str, str | None]:
    key = entry.get("field", "")
    known = field_of(subject, key)
    return {
        "field": key or None,
        "operator": entry.get("operator") or None,
        "value": plain_value(known, entry, words) or None,
    }


def _action(entry: Entry) -> dict[str, Any]:
    key = entry.get("kind", "")
    prefix = "settings-"
    given = {name[len(prefix) :]: value for name, value in entry.items() if name.startswith(prefix)}
    if key in ACTIONS:
        form = ACTIONS[key].Form(MultiDict(given))
        given = {field.short_name: field.data for field in form}
    # Browsers send CRLF; a draft that was only opened and saved must not differ from its version.
    lines = {n: v.replace("\r\n", "\n") if isinstance(v, str) else v for n, v in given.items()}
    return {"kind": key, "settings": {name: "" if v is None else v for name, v in lines.items()}}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
