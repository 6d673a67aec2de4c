"""Validate the conditions of rule data: single conditions, groups, and conditions on lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from automations.engine.fields.problem import Known, Problem, text
from automations.engine.operators.value_types import counted, shown
from automations.engine.rules.value_check import check_comparison

#: The most conditions in one automation, and the deepest nesting of groups.
MAX_CONDITIONS, MAX_DEPTH = 100, 2
#: How many conditions of a group must hold, or how many lines must match.
MATCHES = ("any", "all", "none")

_LIST = "Conditions are a list; give each a field, an operator and a value."
_OBJECT = "A condition is an object with a field, an operator and a value."


def check_conditions(known: Known, conditions: object) -> list[Problem]:
    """Return every problem with the list of conditions; accepts any value."""
    if conditions is None:
        return []
    if not isinstance(conditions, list | tuple):
        return [Problem("conditions", _LIST)]
    count = _count(conditions, MAX_DEPTH)
    if count > MAX_CONDITIONS:
        many = f"This automation has {counted(count)} conditions; the limit is {MAX_CONDITIONS}."
        return [Problem("conditions", many)]
    return list(_all(known, conditions, "conditions", 0))


def is_group(data: object) -> bool:
    """Whether a node of the conditions is a group."""
    if not isinstance(data, Mapping):
        return False
    return data.get("match") is not None or ("conditions" in data and "field" not in data)


def _count(nodes: object, deeper: int) -> int:
    if not isinstance(nodes, list | tuple):
        return 1
    inner = (_count(node.get("conditions"), deeper - 1) if _opens(node, deeper) else 1 for node in nodes)
    return sum(max(1, count) for count in inner)


def _opens(node: object, deeper: int) -> bool:
    return is_group(node) and deeper >= 0


def _all(known: Known, nodes: Any, path: str, depth: int) -> Iterator[Problem]:
    for place, node in enumerate(nodes):
        yield from _node(known, node, f"{path}.{place}", depth)


def _node(known: Known, data: object, path: str, depth: int) -> Iterator[Problem]:
    if not isinstance(data, Mapping):
        yield Problem(path, _OBJECT)
    elif not is_group(data):
        yield from _condition(known, data, path, known.subject.fields, known.subject.plural)
    elif data.get("match") == "line":
        yield from _lines(known, data, path)
    else:
        yield from _group(known, data, path, depth + 1)


def _group(known: Known, data: Mapping[str, Any], path: str, depth: int) -> Iterator[Problem]:
    if depth > MAX_DEPTH:
        yield Problem(path, "A group may hold a group, but no deeper; move its conditions out.")
        return
    if text(data.get("match")) not in MATCHES:
        yield Problem(f"{path}.match", "Choose whether any, all or none of these conditions must hold.")
    nodes = data.get("conditions")
    yield from _emptiness(nodes, path) or _all(known, nodes, f"{path}.conditions", depth)


def _lines(known: Known, data: Mapping[str, Any], path: str) -> Iterator[Problem]:
    subject = known.subject
    if not subject.line_fields:
        yield Problem(path, f"{subject.plural} have no items; remove this group.")
        return
    if text(data.get("lines")) not in MATCHES:
        yield Problem(f"{path}.lines", "Choose whether any, all or none of the items must meet this.")
    nodes = data.get("conditions")
    problems = _emptiness(nodes, path)
    yield from problems
    for place, node in enumerate([] if problems else nodes or ()):
        here = f"{path}.conditions.{place}"
        if isinstance(node, Mapping) and not is_group(node):
            yield from _condition(known, node, here, subject.line_fields, "Lines")
        else:
            yield Problem(here, "A condition on items is an object with a field, an operator and a value.")


def _emptiness(nodes: object, path: str) -> list[Problem]:
    if not isinstance(nodes, list | tuple | None):
        return [Problem(f"{path}.conditions", _LIST)]
    if not nodes:
        return [Problem(path, "This group is empty: give it a condition, or remove it.")]
    return []


def _condition(
    known: Known, data: Mapping[str, Any], path: str, fields: Mapping[str, Any], whose: str
) -> Iterator[Problem]:
    key = data.get("field")
    field = fields.get(text(key))
    if not key:
        yield Problem(f"{path}.field", "Choose the field this condition looks at, or remove the condition.")
    elif field is None:
        sentence = f"{whose} have no field {shown(key)}; choose one from the list."
        yield Problem(f"{path}.field", sentence)
    else:
        wrong = check_comparison(known, field, data)
        if wrong:
            yield Problem(f"{path}{wrong[0]}", wrong[1])
