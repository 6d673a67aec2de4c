"""What the buttons and lists of the builder do to a draft before it is drawn again."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from automations.actions import ACTIONS
from automations.engine.check import MAX_CONDITIONS
from automations.engine.subjects import SUBJECTS
from automations.models.choices import StoreWords
from automations.pipeline.drafts import MAX_ACTIONS
from automations.web.builder_form import Shown, Submitted
from automations.web.builder_values import fits

Data = dict[str, Any]

_EDIT = re.compile(r"([a-z]+-(?:condition|action))(?:-([0-9]{1,3}))?")


def redrawn(sent: Submitted, edit: str, kind: str, words: StoreWords) -> tuple[Data, str]:
    """The draft after `edit` ("remove-condition-2"; "" for a changed list), and the id to go to.

    `kind` is the kind of action that "add-action" adds. An edit that means nothing changes nothing.
    """
    data = refitted(sent.data, sent.shown, words)
    match = _EDIT.fullmatch(edit)
    if match is None or match[1] not in _EDITS:
        return data, ""
    return data, _EDITS[match[1]](data, int(match[2] or 0), kind)


def refitted(sent: Data, shown: Shown, words: StoreWords) -> Data:
    """Where the trigger or a field was changed, the operators and values that no longer fit are replaced."""
    data = copy.deepcopy(sent)
    subject = SUBJECTS.get(data["subject"])
    trigger = data["trigger"]
    kind = subject.triggers.get(trigger["key"] or "") if subject else None
    if kind and shown.trigger is not None and shown.trigger != kind.key:
        allowed = words.choices(kind.choices) if kind.choices else []
        trigger |= {side: trigger[side] if trigger[side] in allowed else None for side in ("from", "to")}
    for condition, before in zip(data["conditions"], shown.fields, strict=False):
        if subject and before is not None and before != (condition["field"] or ""):
            _refit(condition, subject.key, words)
    return data


def _refit(condition: Data, subject_key: str, words: StoreWords) -> None:
    subject = SUBJECTS[subject_key]
    field = subject.fields.get(condition["field"] or "")
    if field is None:
        return
    offered = [operator.key for operator in subject.operators_for(field)]
    if condition["operator"] not in offered:
        condition["operator"] = offered[0]
    if not fits(field, condition["value"], words):
        condition["value"] = None


def _add_condition(data: Data, place: int, kind: str) -> str:
    if len(data["conditions"]) >= MAX_CONDITIONS:
        return "add-condition"
    data["conditions"].append({"field": None, "operator": None, "value": None})
    return f"conditions-{len(data['conditions']) - 1}-field"


def _remove_condition(data: Data, place: int, kind: str) -> str:
    return _removed(data["conditions"], place, "remove-condition", "add-condition")


def _add_action(data: Data, place: int, kind: str) -> str:
    if kind not in ACTIONS or len(data["actions"]) >= MAX_ACTIONS:
        return "action-kind"
    form = ACTIONS[kind].Form()
    settings = {field.short_name: "" if field.data is None else field.data for field in form}
    data["actions"].append({"kind": kind, "settings": settings})
    first = next(iter(form)).short_name
    return f"actions-{len(data['actions']) - 1}-settings-{first}"


def _remove_action(data: Data, place: int, kind: str) -> str:
    return _removed(data["actions"], place, "remove-action", "add-action")


def _move_up(data: Data, place: int, kind: str) -> str:
    return _swapped(data["actions"], place, place - 1, "up-action")


def _move_down(data: Data, place: int, kind: str) -> str:
    return _swapped(data["actions"], place, place + 1, "down-action")


def _removed(rows: list[Data], place: int, next_id: str, last_id: str) -> str:
    del rows[place : place + 1]
    return f"{next_id}-{min(place, len(rows) - 1)}" if rows else last_id


def _swapped(rows: list[Data], place: int, other: int, button: str) -> str:
    if not (0 <= other < len(rows) and 0 <= place < len(rows)):
        return ""
    rows[place], rows[other] = rows[other], rows[place]
    at_end = other == 0 if button == "up-action" else other == len(rows) - 1
    # The button that was pressed is switched off where there is no further to go; its opposite is not.
    opposite = "down-action" if button == "up-action" else "up-action"
    return f"{opposite if at_end else button}-{other}"


_EDITS: dict[str, Callable[[Data, int, str], str]] = {
    "add-condition": _add_condition,
    "remove-condition": _remove_condition,
    "add-action": _add_action,
    "remove-action": _remove_action,
    "up-action": _move_up,
    "down-action": _move_down,
}
