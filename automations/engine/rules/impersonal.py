"""Conditions without what may be a person's: for places that cannot forget. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.engine.fields.subject import Field, Subject
from automations.engine.rules.condition_check import is_group

#: Values that name nobody: anything else may be a name, an address or a number of a person.
_NAMES_NOBODY = frozenset(
    {"money", "number", "quantity", "date", "datetime", "time", "bool", "choice", "tags"}
)


def without_persons(subject: Subject, conditions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return conditions as they are, but without the values of fields that may hold a person's."""
    return [_without(subject, node) for node in conditions]


def _without(subject: Subject, node: Mapping[str, Any]) -> dict[str, Any]:
    if is_group(node):
        inner = node.get("conditions") or ()
        return {**node, "conditions": [_without(subject, one) for one in inner]}
    field: Field | None = subject.fields.get(str(node.get("field")))
    return {**node} if field and field.type in _NAMES_NOBODY else {**node, "value": None}
