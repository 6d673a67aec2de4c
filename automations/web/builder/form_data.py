"""Read the builder's form as rule data, whether it is complete, unfinished or forged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields
from automations.engine.fields.subject import Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.operators import OPERATORS
from automations.engine.operators.value_types import counted
from automations.engine.rules import lateness
from automations.engine.rules.rule_check import MAX_CONDITIONS
from automations.engine.rules.trigger_schedule import OPTIONAL, SETTINGS
from automations.features.authoring.draft_problems import elsewhere
from automations.features.authoring.drafts import MAX_ACTIONS
from automations.models.settings.choices import StoreWords
from automations.web.builder.action_lists import plain_settings
from automations.web.builder.field_options import fields_of, subject_of
from automations.web.builder.language_cards import languages_sent
from automations.web.builder.try_it import CONSTRUCTED, FITTING
from automations.web.builder.value_parsing import stored_value
from automations.web.kit.form_rows import FormRow, first_of, rows_of

Entry = dict[str, str]

_ACTION = re.compile(r"actions-([0-9]{1,6})-(.+)")
_LONGEST_TOKEN = 40
_TIMES = ("amount", "unit", "direction", "field", "time", *lateness.SETTINGS, "recheck")


@dataclass(frozen=True)
class DrawnState:
    """The trigger and fields the page was drawn for; a difference from the form is what the reader changed.

    `fields` maps the path of a condition ("conditions.0.conditions.1") to its field.
    """

    trigger: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Submitted:
    """One form. `refusal` is a sentence if it holds too many conditions or actions, else ""."""

    name: str
    revision: int
    data: dict[str, Any]
    shown: DrawnState
    record: str
    refusal: str = ""
    #: The sitting of the page, and the number of this save in it: see features/authoring/sittings.
    sitting: str = ""
    save_number: int = 0
    #: Whether nobody chose the record: it is the one that fitted when the page was drawn.
    fitted: bool = False

    @property
    def chosen_record(self) -> str:
        """The record as the page's list names it."""
        return f"{FITTING}{self.record}" if self.fitted else self.record


def read(form: MultiDict[str, str], words: StoreWords) -> Submitted:
    """Return the form as sent. Conditions and actions above the limits are dropped and named in `refusal`."""
    rows, actions = rows_of(form), _actions(form)
    counts = {"conditions": sum(row.count for row in rows), "actions": len(actions)}
    refusal = " ".join(filter(None, (_refusal(kind, count) for kind, count in counts.items())))
    rows, subject = first_of(rows, MAX_CONDITIONS), form.get("subject", "")
    data = {
        "subject": subject,
        "trigger": _trigger(form),
        "conditions": [_node(subject, row, words) for row in rows],
        "actions": [_action(entry, subject_of(subject, words), words) for entry in actions[:MAX_ACTIONS]],
        **_caps(form),
    }
    return Submitted(
        name=" ".join(form.get("name", "").split()),
        revision=_number(form.get("over") or form.get("revision", "")),
        data=data,
        shown=DrawnState(form.get("trigger-shown"), dict(_shown(rows, "conditions"))),
        record=_record(form).removeprefix(FITTING),
        fitted=_record(form).startswith(FITTING),
        refusal=refusal,
        sitting=form.get("sitting", "")[:_LONGEST_TOKEN],
        save_number=_number(form.get("save-number", "")),
    )


def _record(form: MultiDict[str, str]) -> str:
    """Return the record to try it on: the one that the checks made up, one by its number, or a chosen one."""
    if "example" in form:
        return CONSTRUCTED
    return (form.get("record-number", "") or form.get("record", "")).strip()


def _actions(form: MultiDict[str, str]) -> list[Entry]:
    """Return the form's numbered actions in order, without the gaps."""
    entries: dict[int, Entry] = {}
    for name, value in form.items():
        match = _ACTION.fullmatch(name)
        if match:
            entries.setdefault(int(match[1]), {})[match[2]] = value
    return [entries[number] for number in sorted(entries)]


_LIMITS = {"conditions": MAX_CONDITIONS, "actions": MAX_ACTIONS}


def _refusal(kind: str, count: int) -> str:
    most = _LIMITS[kind]
    if count <= most:
        return ""
    return (
        f"This automation has {counted(count)} {kind}; the limit is {most}. "
        f"Nothing was saved; the first {most} are shown here."
    )


def _trigger(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return the trigger. It has "field" and "schedule" only if the form does, like the oldest drafts.

    Of another kind of trigger that was chosen just now, the settings of the one before are left out.
    """
    trigger: dict[str, Any] = {part: form.get(f"trigger-{part}") or None for part in ("key", "from", "to")}
    field_key = form.get("trigger-field")
    schedule = _under(form, "trigger-schedule-")
    if form.get("trigger-shown") not in (None, trigger["key"]):
        known = _settings_of(form.get("subject", ""), trigger["key"])
        schedule = {name: value for name, value in schedule.items() if name in known}
    # Nothing said stays nothing said: opening and saving a draft does not change it.
    schedule = {name: value for name, value in schedule.items() if value or name not in OPTIONAL}
    return (
        trigger | ({"field": field_key} if field_key else {}) | ({"schedule": schedule} if schedule else {})
    )


def _settings_of(subject: str, trigger: str | None) -> tuple[str, ...]:
    """Return the settings that the schedule of a trigger knows; none for one that waits for no time."""
    kind = SUBJECTS[subject].triggers.get(trigger or "") if subject in SUBJECTS else None
    return SETTINGS[kind.schedule] if kind and kind.schedule else ()


def _under(form: MultiDict[str, str], prefix: str) -> dict[str, str | None]:
    inputs = {name: value.strip() for name, value in form.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): value or None for name, value in inputs.items()}


def _node(subject: str, row: FormRow, words: StoreWords, on_lines: bool = False) -> dict[str, Any]:
    if not row.is_group:
        return _condition(subject, row, words, on_lines)
    lines = row.get("match") == "line"
    quantifier = {"lines": row.get("lines") or None} if lines else {}
    inner = [_node(subject, inner_row, words, lines) for inner_row in row.inner]
    return {"match": row.get("match"), **quantifier, "conditions": inner}


def _condition(subject: str, row: FormRow, words: StoreWords, on_lines: bool) -> dict[str, Any]:
    key, operator = row.get("field"), row.get("operator")
    field = fields_of(subject_of(subject, words), on_lines).get(key) or elsewhere(key, words)
    value = stored_value(field, OPERATORS.get(operator), row, words)
    return {"field": key or None, "operator": operator or None, "value": value}


def _shown(rows: list[FormRow], path: str) -> Iterator[tuple[str, str]]:
    for place, row in enumerate(rows):
        row_path = f"{path}.{place}"
        if row.is_group:
            yield from _shown(row.inner, f"{row_path}.conditions")
        elif "shown" in row.parts:
            yield row_path, row.get("shown")


def _action(entry: Entry, subject: Subject | None, words: StoreWords) -> dict[str, Any]:
    key = entry.get("kind", "")
    prefix = "settings-"
    typed = {name[len(prefix) :]: value for name, value in entry.items() if name.startswith(prefix)}
    further: dict[str, Any] = {}
    if key in ACTIONS:
        further = languages_sent(typed, ACTIONS[key].Form)
        form = ACTIONS[key].Form(MultiDict(typed))
        typed = form.to_settings()
    # Browsers send CRLF; without this, opening and saving a draft would make it differ from its version.
    lines = {n: v.replace("\r\n", "\n") if isinstance(v, str) else v for n, v in typed.items()}
    given = {name: "" if v is None else v for name, v in lines.items()}
    settings = dict(plain_settings(key, given, subject, words))
    return {"kind": key, "settings": settings | further, **_timing(entry), **_when_empty(entry)}


def _timing(entry: Entry) -> dict[str, Any]:
    """Return {"timing": ...}, or {} if the action follows straight away."""
    when = entry.get("timing-when", "")
    if when in ("", "now"):
        return {}
    typed = {part: entry.get(f"timing-{part}", "").strip() for part in _TIMES}
    timing: dict[str, Any] = {part: value for part, value in typed.items() if value and part != "recheck"}
    return {"timing": {"when": when, **timing, "recheck": typed["recheck"] != "no"}}


def _when_empty(entry: Entry) -> dict[str, str]:
    """Return {"when_empty": "skip"}, or {} if the action is done anyway."""
    typed = entry.get(empty_fields.KEY, "")
    return {empty_fields.KEY: typed} if typed else {}


def _caps(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return {"caps": ...}, or {} if nothing is capped."""
    caps: dict[str, Any] = {"once_per_record": form.get("caps-once_per_record") == "yes"}
    for name in ("once_per_customer_days", "per_hour"):
        typed = form.get(f"caps-{name}", "").strip()
        # Text that is not a number is kept, so that the page can show it beside the error.
        caps[name] = (_number(typed) or typed) if typed else None
    return {"caps": caps} if any(caps.values()) else {}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
