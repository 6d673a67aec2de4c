"""The numbered rows of the builder's form as a tree: "conditions-1-conditions-0-field" and so on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

#: Groups in groups and conditions on lines in those; more cannot be drawn, so more is not read.
DEEPEST = 4
_NAME = re.compile(rf"((?:conditions-[0-9]{{1,6}}-){{1,{DEEPEST}}})([a-z]+)")
_NUMBER = re.compile(r"[0-9]+")


@dataclass
class Row:
    """What was sent for one row, and for the rows inside it by their numbers."""

    parts: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)

    def get(self, part: str) -> str:
        """The first value of a part, "" without one."""
        return next(iter(self.parts.get(part, ())), "")

    @property
    def is_group(self) -> bool:
        return bool(self.get("match"))

    @property
    def inner(self) -> list[Row]:
        """The rows inside in the order of their numbers, gaps closed."""
        return [self.rows[number] for number in sorted(self.rows)]

    @property
    def count(self) -> int:
        """How many conditions it is: a group counts for those in it, and for one at least."""
        return max(1, sum(row.count for row in self.inner)) if self.is_group else 1


def rows_of(form: MultiDict[str, str]) -> list[Row]:
    """The rows of the first level."""
    root = Row()
    for name, values in form.lists():
        match = _NAME.fullmatch(name)
        if match:
            _row_at(root, [int(one) for one in _NUMBER.findall(match[1])]).parts[match[2]] = values
    return root.inner


def first_of(rows: list[Row], most: int) -> list[Row]:
    """As many of the first rows as hold `most` conditions together."""
    kept, count = [], 0
    for row in rows:
        count += row.count
        if count > most:
            break
        kept.append(row)
    return kept


def node_at(data: Mapping[str, Any], path: list[int]) -> Any:
    """The list of nodes that holds the one at `path`, or None; `data` is a draft or a group."""
    nodes = data.get("conditions")
    if not isinstance(nodes, list) or len(path) < 2:
        return nodes
    if path[0] >= len(nodes) or not isinstance(nodes[path[0]], Mapping):
        return None
    return node_at(nodes[path[0]], path[1:])


def _row_at(root: Row, path: list[int]) -> Row:
    for number in path:
        root = root.rows.setdefault(number, Row())
    return root
