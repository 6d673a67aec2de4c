"""Rows about to be removed from a rule: a condition or group, an action, or the texts of a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import texts_by_language
from automations.engine.rules.condition_check import is_group
from automations.messages.languages import name_of
from automations.web.builder.clip.pasting import count_of
from automations.web.kit.form_rows import node_at

Data = dict[str, Any]
Place = list[int]


def take(data: Data, kind: str, place: Place) -> tuple[str, Any] | None:
    """Return a sentence about the row of a kind at a place, and the row; None if there is none."""
    return _TAKES[kind](data, place) if kind in _TAKES and place else None


def label_of(action: Mapping[str, Any]) -> str:
    """Return what an action is called."""
    kind = ACTIONS.get(str(action.get("kind")))
    return kind.label if kind else "Action"


def _take_condition(data: Data, place: Place) -> tuple[str, Any] | None:
    nodes = node_at(data, place)
    node = nodes[place[-1]] if isinstance(nodes, list) and place[-1] < len(nodes) else None
    if node is None:
        return None
    if node.get("match") == "line":
        return "Item condition removed.", node
    count = count_of([node])
    some = "1 condition" if count == 1 else f"{count} conditions"
    return (f"Group with {some} removed." if is_group(node) else "Condition removed."), node


def _take_action(data: Data, place: Place) -> tuple[str, Any] | None:
    rows = data["actions"][place[0] : place[0] + 1]
    return (f"“{label_of(rows[0])}” removed.", rows[0]) if rows else None


def _take_language(data: Data, place: Place) -> tuple[str, Any] | None:
    rows = data["actions"][place[0] : place[0] + 1]
    texts = list(texts_by_language(rows[0]["settings"]).items()) if rows else []
    if len(place) != 2 or place[1] >= len(texts):
        return None
    tag, of_tag = texts[place[1]]
    return f"The text in {name_of(tag)} removed.", [tag, of_tag]


_TAKES: dict[str, Callable[[Data, Place], tuple[str, Any] | None]] = {
    "condition": _take_condition,
    "action": _take_action,
    "language": _take_language,
}
