"""Conditions and groups as phrases of a sentence, from data that may be incomplete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.engine.fields.subject import Field, Subject
from automations.engine.operators.operators import OPERATORS
from automations.engine.rules.condition_check import is_group
from automations.engine.rules.rule import Condition, Group, LineGroup
from automations.engine.wording.sentence_parts import Part, listed
from automations.engine.wording.value_phrases import MISSING, Words, needed_words

_LINES = {"any": "any item’s ", "all": "every item’s ", "none": "no item’s "}
#: Deeper than any valid rule; a draft nested deeper is cut here.
_DEEPEST = 4


def node_parts(subject: Subject, data: object, words: Words, depth: int = 0) -> list[Part]:
    """Return a condition or group: "its total is over £40.00", "either its … or its …"."""
    if not isinstance(data, Mapping) or depth > _DEEPEST:
        return [(MISSING, False)]
    if not is_group(data):
        return _condition(subject.fields, data, words, "")
    inner = data.get("conditions")
    nodes = inner if isinstance(inner, Sequence) and not isinstance(inner, str) and inner else [{}]
    if data.get("match") == "line":
        return _lines(subject, data, nodes, words)
    return _bracketed(data.get("match"), [node_parts(subject, node, words, depth + 1) for node in nodes])


def plain(node: Condition | Group | LineGroup) -> dict[str, Any]:
    """Return a node of a rule as plain data."""
    if isinstance(node, Condition):
        value = list(node.value) if isinstance(node.value, tuple) else node.value
        return {"field": node.field, "operator": node.operator, "value": value}
    inner = [plain(condition) for condition in node.conditions]
    if isinstance(node, LineGroup):
        return {"match": "line", "lines": node.lines, "conditions": inner}
    return {"match": node.match, "conditions": inner}


def _bracketed(match: object, phrases: list[list[Part]]) -> list[Part]:
    """Return the phrases joined as "either … or", "both … and" or "it is not the case that …"."""
    several = len(phrases) > 1
    if match == "all":
        return [("both " if len(phrases) == 2 else "all of ", False)] * several + listed(phrases)
    inner = [("either ", False)] * several + listed(phrases, "or")
    return [("it is not the case that ", False), *inner] if match == "none" else inner


def _lines(subject: Subject, data: Mapping[str, Any], nodes: Sequence[object], words: Words) -> list[Part]:
    start = _LINES.get(str(data.get("lines")), f"{MISSING} item’s ")
    phrases = [
        _condition(
            subject.line_fields, node if isinstance(node, Mapping) else {}, words, "its " if place else ""
        )
        for place, node in enumerate(nodes)
    ]
    return [(start, False), *listed(phrases)]


def _condition(fields: Mapping[str, Field], data: Mapping[str, Any], words: Words, before: str) -> list[Part]:
    key = data.get("field")
    field = fields.get(key) if isinstance(key, str) else None
    if field is None:
        return [(MISSING, False)]
    return [(f"{before}{field.phrase} ", False), *_comparison(field, data, words)]


def _comparison(field: Field, data: Mapping[str, Any], words: Words) -> list[Part]:
    key = data.get("operator")
    operator = OPERATORS.get(key) if isinstance(key, str) else None
    if operator is None:
        return [(MISSING, False)]
    verb = operator.phrase(field.type)
    if not operator.needs_value:
        return [(verb, True)]
    value = needed_words(field, operator, data.get("value"), words)
    return [(f"{verb} ", False), (value, value != MISSING)]
