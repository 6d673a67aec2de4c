"""What the builder's form says, as rule data: complete or not, sensible or forged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from automations.actions import ACTIONS
from automations.engine.check import MAX_CONDITIONS
from automations.engine.operators import OPERATORS
from automations.models.choices import StoreWords
from automations.pipeline.drafts import MAX_ACTIONS
from automations.pipeline.problems import elsewhere
from automations.web.builder_fields import fields_of, subject_of
from automations.web.builder_tree import Row, first_of, rows_of
from automations.web.builder_values import stored_value

Entry = dict[str, str]

_ACTION = re.compile(r"actions-([0-9]{1,6})-(.+)")
_TIMES = ("amount", "unit", "direction", "field", "time", "recheck")


@dataclass(frozen=True)
class Shown:
    """What the page was drawn for, so that it can be told what its reader changed.

    `fields` are the fields of the conditions, by their path ("conditions.0.conditions.1").
    """

    trigger: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


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
    rows, actions = rows_of(form), _actions(form)
    counts = {"conditions": sum(row.count for row in rows), "actions": len(actions)}
    refusal = " ".join(filter(None, (_refusal(kind, count) for kind, count in counts.items())))
    rows, subject = first_of(rows, MAX_CONDITIONS), form.get("subject", "")
    data = {
        "subject": subject,
        "trigger": _trigger(form),
        "conditions": [_node(subject, row, words) for row in rows],
        "actions": [_action(entry) for entry in actions[:MAX_ACTIONS]],
        **_caps(form),
    }
    return Submitted(
        name=" ".join(form.get("name", "").split()),
        revision=_number(form.get("over") or form.get("revision", "")),
        data=data,
        shown=Shown(form.get("trigger-shown"), dict(_shown(rows, "conditions"))),
        record=(form.get("record-number", "") or form.get("record", "")).strip(),
        refusal=refusal,
    )


def _actions(form: MultiDict[str, str]) -> list[Entry]:
    """The numbered rows of the form in the order of their numbers, gaps closed."""
    found: dict[int, Entry] = {}
    for name, value in form.items():
        match = _ACTION.fullmatch(name)
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = value
    return [found[number] for number in sorted(found)]


_LIMITS = {"conditions": MAX_CONDITIONS, "actions": MAX_ACTIONS}


def _refusal(kind: str, count: int) -> str:
    most = _LIMITS[kind]
    if count <= most:
        return ""
    return (
        f"This automation has {count:,} {kind}; the most is {most}. "
        f"Nothing was saved; the first {most} are shown here."
    )


def _trigger(form: MultiDict[str, str]) -> dict[str, Any]:
    """Without a field or a schedule it has no such entries, as in drafts from before there were any."""
    trigger: dict[str, Any] = {part: form.get(f"trigger-{part}") or None for part in ("key", "from", "to")}
    named = form.get("trigger-field")
    schedule = _under(form, "trigger-schedule-")
    return trigger | ({"field": named} if named else {}) | ({"schedule": schedule} if schedule else {})


def _under(form: MultiDict[str, str], prefix: str) -> dict[str, str | None]:
    some = {name: value.strip() for name, value in form.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): value or None for name, value in some.items()}


def _node(subject: str, row: Row, words: StoreWords, on_lines: bool = False) -> dict[str, Any]:
    if not row.is_group:
        return _condition(subject, row, words, on_lines)
    lines = row.get("match") == "line"
    asked = {"lines": row.get("lines") or None} if lines else {}
    inner = [_node(subject, one, words, lines) for one in row.inner]
    return {"match": row.get("match"), **asked, "conditions": inner}


def _condition(subject: str, row: Row, words: StoreWords, on_lines: bool) -> dict[str, Any]:
    key, operator = row.get("field"), row.get("operator")
    known = fields_of(subject_of(subject, words), on_lines).get(key) or elsewhere(key, words)
    value = stored_value(known, OPERATORS.get(operator), row, words)
    return {"field": key or None, "operator": operator or None, "value": value}


def _shown(rows: list[Row], path: str) -> Iterator[tuple[str, str]]:
    for place, row in enumerate(rows):
        here = f"{path}.{place}"
        if row.is_group:
            yield from _shown(row.inner, f"{here}.conditions")
        elif "shown" in row.parts:
            yield here, row.get("shown")


def _action(entry: Entry) -> dict[str, Any]:
    key = entry.get("kind", "")
    prefix = "settings-"
    given = {name[len(prefix) :]: value for name, value in entry.items() if name.startswith(prefix)}
    if key in ACTIONS:
        form = ACTIONS[key].Form(MultiDict(given))
        given = {field.short_name: field.data for field in form}
    # Browsers send CRLF; a draft that was only opened and saved must not differ from its version.
    lines = {n: v.replace("\r\n", "\n") if isinstance(v, str) else v for n, v in given.items()}
    settings = {name: "" if v is None else v for name, v in lines.items()}
    return {"kind": key, "settings": settings, **_timing(entry)}


def _timing(entry: Entry) -> dict[str, Any]:
    """Nothing for what follows straight away."""
    when = entry.get("timing-when", "")
    if when in ("", "now"):
        return {}
    given = {part: entry.get(f"timing-{part}", "").strip() for part in _TIMES}
    timing: dict[str, Any] = {part: value for part, value in given.items() if value and part != "recheck"}
    return {"timing": {"when": when, **timing, "recheck": given["recheck"] != "no"}}


def _caps(form: MultiDict[str, str]) -> dict[str, Any]:
    """Nothing where nothing is capped."""
    caps: dict[str, Any] = {"once_per_record": form.get("caps-once_per_record") == "yes"}
    for name in ("once_per_customer_days", "per_hour"):
        given = form.get(f"caps-{name}", "").strip()
        # What is no number is kept, so that it can be said what is wrong with it.
        caps[name] = (_number(given) or given) if given else None
    return {"caps": caps} if any(caps.values()) else {}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
