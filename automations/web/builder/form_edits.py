"""What the builder's buttons and lists do to a draft before it is redrawn."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from automations.actions import ACTIONS
from automations.engine.rules.condition_tree import conditions_in
from automations.engine.rules.rule_check import MAX_CONDITIONS
from automations.features.authoring.drafts import MAX_ACTIONS
from automations.models.settings.choices import StoreWords
from automations.web.builder.form_data import Submitted
from automations.web.builder.language_cards import add_language, remove_language
from automations.web.builder.reconcile import refit
from automations.web.kit.form_rows import MAX_NESTING, node_at

Data = dict[str, Any]
Place = list[int]

_NAMED = "[a-z]+-(?:condition|group|lines|action|language)"
_EDIT = re.compile(rf"({_NAMED})((?:-[0-9]{{1,3}}){{0,{MAX_NESTING}}})")


def apply_edit(sent: Submitted, edit: str, kind: str, words: StoreWords) -> tuple[Data, str]:
    """Return the draft after `edit` ("remove-condition-2"; "" if a list changed) and the id to focus.

    `kind` is what is added: the kind of an action, or the tag of a language. An unknown edit changes nothing.
    """
    data = refit(copy.deepcopy(sent.data), sent.shown, words)
    match = _EDIT.fullmatch(edit)
    if match is None or match[1] not in _EDITS:
        return data, ""
    place = [int(number) for number in match[2].split("-")[1:]]
    return data, _EDITS[match[1]](data, place, kind)


def _add_condition(data: Data, place: Place, kind: str) -> str:
    return _added(data, place, _empty(), "field", "add-condition")


def _add_group(data: Data, place: Place, kind: str) -> str:
    return _added(data, place, {"match": "any", "conditions": [_empty(), _empty()]}, "match", "add-group")


def _add_lines(data: Data, place: Place, kind: str) -> str:
    group = {"match": "line", "lines": "any", "conditions": [_empty()]}
    return _added(data, place, group, "lines", "add-lines")


def _added(data: Data, place: Place, node: Data, part: str, button: str) -> str:
    nodes = node_at(data, [*place, 0])
    if not isinstance(nodes, list) or sum(1 for _ in conditions_in(data)) >= MAX_CONDITIONS:
        return button
    nodes.append(node)
    return f"{_path([*place, len(nodes) - 1])}-{part}"


def _remove_condition(data: Data, place: Place, kind: str) -> str:
    nodes = node_at(data, place)
    if not isinstance(nodes, list) or not place:
        return ""
    inside = "-".join(map(str, place[:-1]))
    end = f"-{inside}" if inside else ""
    del nodes[place[-1] : place[-1] + 1]
    if not nodes:
        return f"add-condition{end}"
    return f"remove-condition{end}-{min(place[-1], len(nodes) - 1)}"


def _add_action(data: Data, place: Place, kind: str) -> str:
    if kind not in ACTIONS or len(data["actions"]) >= MAX_ACTIONS:
        return "action-kind"
    form = ACTIONS[kind].Form()
    data["actions"].append({"kind": kind, "settings": form.to_settings()})
    first = next(iter(form)).short_name
    return f"actions-{len(data['actions']) - 1}-settings-{first}"


def _remove_action(data: Data, place: Place, kind: str) -> str:
    rows, first = data["actions"], place[0] if place else len(data["actions"])
    del rows[first : first + 1]
    return f"remove-action-{min(first, len(rows) - 1)}" if rows else "add-action"


def _add_language(data: Data, place: Place, tag: str) -> str:
    return add_language(data, place[0], tag) if _is_action(data, place, 1) else ""


def _remove_language(data: Data, place: Place, kind: str) -> str:
    return remove_language(data, *place) if _is_action(data, place, 2) else ""


def _is_action(data: Data, place: Place, length: int) -> bool:
    return len(place) == length and place[0] < len(data["actions"])


def _move_up(data: Data, place: Place, kind: str) -> str:
    return _swapped(data["actions"], place, -1, "up-action")


def _move_down(data: Data, place: Place, kind: str) -> str:
    return _swapped(data["actions"], place, 1, "down-action")


def _move_action(data: Data, places: Place, kind: str) -> str:
    rows = data["actions"]
    if len(places) == 2 and all(place < len(rows) for place in places):
        rows.insert(places[1], rows.pop(places[0]))
    return ""


def _swapped(rows: list[Data], places: Place, by: int, button: str) -> str:
    place = places[0] if places else -1
    other = place + by
    if not (0 <= other < len(rows) and 0 <= place < len(rows)):
        return ""
    rows[place], rows[other] = rows[other], rows[place]
    at_end = other == 0 if button == "up-action" else other == len(rows) - 1
    # At either end the pressed button is disabled and cannot take the focus; the opposite one can.
    opposite = "down-action" if button == "up-action" else "up-action"
    return f"{opposite if at_end else button}-{other}"


def _empty() -> Data:
    return {"field": None, "operator": None, "value": None}


def _path(place: Place) -> str:
    return "-".join(f"conditions-{number}" for number in place)


_EDITS: dict[str, Callable[[Data, Place, str], str]] = {
    "add-condition": _add_condition,
    "add-group": _add_group,
    "add-lines": _add_lines,
    "remove-condition": _remove_condition,
    "add-action": _add_action,
    "remove-action": _remove_action,
    "up-action": _move_up,
    "down-action": _move_down,
    "move-action": _move_action,
    "add-language": _add_language,
    "remove-language": _remove_language,
}
