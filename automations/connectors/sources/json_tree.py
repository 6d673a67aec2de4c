"""A payload as a tree to look at and to pick from, of bounded size."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from automations.connectors.plain_text import one_line
from automations.connectors.sources.json_paths import DEEPEST, Path, can_be_kept

#: The most values that are shown, the most of one list, and the most characters of one value.
MOST, MOST_OF_A_LIST, LONGEST = 1500, 20, 200
VALUE, OBJECT, LIST = "value", "object", "list"


@dataclass(slots=True)
class Node:
    """A value with its name; `text` is the value of a leaf, and what is left out below it of another."""

    name: str
    path: Path
    kind: str
    text: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def can_be_picked(self) -> bool:
        """Return whether a path to it can be kept."""
        return can_be_kept(self.path)


def tree_of(data: Any) -> Node:
    """Return the root of a payload's tree."""
    return _node("", (), data, itertools.count())


def leaves(node: Node) -> Iterator[Node]:
    """Return every value of a tree, in its order."""
    if node.kind == VALUE:
        yield node
    for child in node.children:
        yield from leaves(child)


def text_of(value: Any) -> str:
    """Return a single value as text on one line; "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return str(value)[:LONGEST]
    return one_line(str(value), LONGEST)


def _node(name: str, path: Path, value: Any, count: Iterator[int]) -> Node:
    if not isinstance(value, dict | list):
        return Node(name, path, VALUE, text_of(value))
    node = Node(name, path, OBJECT if isinstance(value, dict) else LIST)
    steps = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    shown = steps if isinstance(value, dict) else steps[:MOST_OF_A_LIST]
    for step, part in shown:
        if len(path) >= DEEPEST or next(count) >= MOST:
            break
        label = one_line(step, 100) if isinstance(step, str) else str(step + 1)
        node.children.append(_node(label or "“”", (*path, step), part, count))
    left = len(steps) - len(node.children)
    node.text = f"and {left} more" if left else ""
    return node
