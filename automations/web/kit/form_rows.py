"""Read the numbered inputs of the builder's form ("conditions-1-conditions-0-field") as a tree of rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

#: The deepest nesting the builder can draw; deeper inputs are not read.
MAX_NESTING = 4
_NAME = re.compile(rf"((?:conditions-[0-9]{{1,6}}-){{1,{MAX_NESTING}}})([a-z]+)")
_NUMBER = re.compile(r"[0-9]+")


@dataclass
class FormRow:
    """What was sent for one row, and for the rows inside it, by number."""

    parts: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[int, FormRow] = field(default_factory=dict)

    def get(self, part: str) -> str:
        """Return the first value of a part, or ""."""
        return next(iter(self.parts.get(part, ())), "")

    @property
    def is_group(self) -> bool:
        return bool(self.get("match"))

    @property
    def inner(self) -> list[FormRow]:
        """The rows inside, ordered by number, without the gaps."""
        return [self.rows[number] for number in sorted(self.rows)]

    @property
    def count(self) -> int:
        """Number of conditions; a group counts its members, at least 1."""
        return max(1, sum(row.count for row in self.inner)) if self.is_group else 1


def rows_of(form: MultiDict[str, str]) -> list[FormRow]:
    """Return the rows of the top level."""
    root = FormRow()
    for name, values in form.lists():
        match = _NAME.fullmatch(name)
        if match:
            _row_at(root, [int(number) for number in _NUMBER.findall(match[1])]).parts[match[2]] = values
    return root.inner


def first_of(rows: list[FormRow], most: int) -> list[FormRow]:
    """Return the first rows that together hold at most `most` conditions."""
    kept, count = [], 0
    for row in rows:
        count += row.count
        if count > most:
            break
        kept.append(row)
    return kept


def node_at(data: Mapping[str, Any], path: list[int]) -> Any:
    """Return the list that holds the node at `path`, or None; `data` is a draft or a group."""
    nodes = data.get("conditions")
    if not isinstance(nodes, list) or len(path) < 2:
        return nodes
    if path[0] >= len(nodes) or not isinstance(nodes[path[0]], Mapping):
        return None
    return node_at(nodes[path[0]], path[1:])


def _row_at(root: FormRow, path: list[int]) -> FormRow:
    for number in path:
        root = root.rows.setdefault(number, FormRow())
    return root
