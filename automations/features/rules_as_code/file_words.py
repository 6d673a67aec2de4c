"""What a file says that nothing reads, and where in a file a problem is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import LANGUAGES, texts_by_language

_TRIGGER = frozenset({"key", "field", "from", "to", "schedule"})
_CONDITION = frozenset({"field", "operator", "value", "match", "lines", "conditions"})
_ACTION = frozenset({"kind", "settings", "timing", "when_empty", "conditions"})
_NUMBERED = {"conditions": "condition", "actions": "action"}
_INDEX = re.compile(r"\d{1,9}")


def place_words(path: str) -> str:
    """Return a path of rule data in the words of the file: "action 1, settings, message"."""
    words: list[str] = []
    for part in path.split("."):
        if _INDEX.fullmatch(part) and words:
            words[-1] = f"{_NUMBERED.get(words[-1], words[-1])} {int(part) + 1}"
        else:
            words.append(part)
    return ", ".join(words)


def unread(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each word of the rule data that nothing reads, such as one that is misspelt."""
    yield from _unknown("trigger", data.get("trigger"), _TRIGGER)
    yield from _in_conditions("conditions", data.get("conditions"))
    actions = data.get("actions")
    for place, action in enumerate(actions if isinstance(actions, list) else ()):
        path = f"actions.{place}"
        yield from _unknown(path, action, _ACTION)
        kind = ACTIONS.get(str(action.get("kind"))) if isinstance(action, Mapping) else None
        if kind is not None:
            known = {field.short_name for field in kind.Form()}
            settings, translated = action.get("settings"), kind.Form.translated
            yield from _unknown(f"{path}.settings", settings, known | ({LANGUAGES} if translated else set()))
            for tag, texts in texts_by_language(settings if isinstance(settings, Mapping) else {}).items():
                yield from _unknown(f"{path}.settings.{LANGUAGES}.{tag}", texts, translated)


def _in_conditions(path: str, nodes: Any) -> Iterator[str]:
    for place, node in enumerate(nodes if isinstance(nodes, list) else ()):
        yield from _unknown(f"{path}.{place}", node, _CONDITION)
        if isinstance(node, Mapping):
            yield from _in_conditions(f"{path}.{place}.conditions", node.get("conditions"))


def _unknown(path: str, said: Any, known: Collection[str]) -> Iterator[str]:
    for key in said if isinstance(said, Mapping) else ():
        if key not in known:
            words, wanted = str(key)[:60], ", ".join(sorted(known))
            yield f"{place_words(path)}: “{words}” is not known here; write {wanted}."
