"""Rows put back into a rule: a condition or group, an action, or the texts of a language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import LANGUAGES, texts_by_language
from automations.engine.rules.condition_check import MAX_CONDITIONS
from automations.features.authoring.drafts import MAX_ACTIONS
from automations.messages.languages import name_of
from automations.web.builder.clip.pasting import FULL, count_of
from automations.web.builder.clip.taken_rows import Data, Place, label_of
from automations.web.kit.form_rows import node_at

GONE = "What was removed can no longer be put back here."


class CannotPutBack(Exception):
    """The draft has no place for the row; `str(error)` is a sentence."""


def put(data: Data, kind: str, place: Place, node: Any) -> tuple[str, str]:
    """Put a row back at its place; return a sentence and the id to focus. Raises CannotPutBack."""
    return _PUTS[kind](data, place, node)


def _put_condition(data: Data, place: Place, node: Data) -> tuple[str, str]:
    nodes = node_at(data, place)
    if not isinstance(nodes, list):
        raise CannotPutBack(GONE)
    if count_of(data["conditions"]) + count_of([node]) > MAX_CONDITIONS:
        raise CannotPutBack(FULL.format("conditions", MAX_CONDITIONS, "put back"))
    at = min(place[-1], len(nodes))
    nodes.insert(at, node)
    part = next((name for name in ("lines", "match") if name in node), "field")
    path = "-".join(f"conditions-{number}" for number in [*place[:-1], at])
    what = "group" if part == "match" else "condition"
    return f"The {what} is back.", f"{path}-{part}"


def _put_action(data: Data, place: Place, node: Data) -> tuple[str, str]:
    rows = data["actions"]
    if len(rows) >= MAX_ACTIONS:
        raise CannotPutBack(FULL.format("actions", MAX_ACTIONS, "put back"))
    at = min(place[0], len(rows))
    rows.insert(at, node)
    return f"“{label_of(node)}” is back.", f"actions-{at}"


def _put_language(data: Data, place: Place, node: Any) -> tuple[str, str]:
    tag, of_tag = node
    rows = data["actions"][place[0] : place[0] + 1]
    kind = ACTIONS.get(rows[0]["kind"]) if rows else None
    if kind is None or not kind.Form.translated or tag in texts_by_language(rows[0]["settings"]):
        raise CannotPutBack(GONE)
    texts = list(texts_by_language(rows[0]["settings"]).items())
    texts.insert(place[1], (tag, of_tag))
    rows[0]["settings"][LANGUAGES] = dict(texts)
    focus = f"actions-{place[0]}-settings-{LANGUAGES}-{tag}-{kind.Form.translated[0]}"
    return f"The text in {name_of(tag)} is back.", focus


_PUTS: dict[str, Callable[[Data, Place, Any], tuple[str, str]]] = {
    "condition": _put_condition,
    "action": _put_action,
    "language": _put_language,
}
