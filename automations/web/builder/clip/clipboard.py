"""Conditions or an action that were copied, in the session's signed cookie."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, session

from automations.actions import ACTIONS
from automations.engine.rules.condition_check import MAX_DEPTH, is_group

_KEY = "clip"
CONDITIONS, ACTION = "conditions", "action"
#: Bytes once compressed: browsers drop a cookie of more than 4,096, and it holds the rest of the session too.
LARGEST = 2_300
COPIED = "Copied. Open another automation, or stay here, and paste it."
TOO_LARGE = "That is too long to be copied. Duplicate the automation instead."
NOTHING = "There is nothing to copy there."
_COPY = re.compile(rf"copy-(conditions|action-[0-9]{{1,3}}|condition(?:-[0-9]{{1,3}}){{1,{MAX_DEPTH + 2}}})")


@dataclass(frozen=True)
class Clip:
    """Pieces of a draft as they are stored: conditions, or one action."""

    kind: str
    pieces: list[Any]

    @property
    def is_action(self) -> bool:
        return self.kind == ACTION

    @property
    def label(self) -> str:
        """What the button that pastes it says."""
        if not self.is_action:
            count = _count(self.pieces)
            return "Paste condition" if count == 1 else f"Paste {count} conditions"
        kind = ACTIONS.get(str(self.pieces[0].get("kind")))
        return f"Paste “{kind.label if kind else 'Action'}”"


def copy(data: Mapping[str, Any], edit: str) -> str:
    """Keep what an edit such as "copy-conditions" or "copy-condition-1-0" names; return a sentence."""
    match = _COPY.fullmatch(edit)
    name, *numbers = match[1].split("-") if match else [""]
    place = [int(number) for number in numbers]
    pieces = data["conditions"] if name == CONDITIONS else _at(data, name, place)
    if not pieces:
        return NOTHING
    if len(zlib.compress(json.dumps(pieces).encode())) > LARGEST:
        return TOO_LARGE
    kind = ACTION if name == ACTION else CONDITIONS
    session[_KEY] = {"store": g.store.id, "kind": kind, "pieces": pieces}
    return COPIED


def clipped() -> Clip | None:
    """Return what this session copied in the store it works in, or None."""
    kept = session.get(_KEY)
    if not isinstance(kept, dict) or kept.get("store") != g.store.id:
        return None
    return Clip(kept["kind"], kept["pieces"])


def register(app: Flask) -> None:
    """Register `clipped` with the templates."""
    app.jinja_env.globals.update(clipped=clipped)


def _at(data: Mapping[str, Any], name: str, place: list[int]) -> list[Any]:
    """Return the action or condition at a place, alone in a list; empty if there is none."""
    if name == ACTION:
        return list(data["actions"][place[0] : place[0] + 1])
    nodes = data["conditions"] if name else []
    for number in place[:-1]:
        inside = nodes[number] if number < len(nodes) else None
        nodes = inside["conditions"] if is_group(inside) and isinstance(inside, Mapping) else []
    return list(nodes[place[-1] : place[-1] + 1]) if place else []


def _count(nodes: list[Any]) -> int:
    return sum(_count(node["conditions"]) if is_group(node) else 1 for node in nodes)
