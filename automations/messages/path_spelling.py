"""Spell the path of a value so that the template language reads it back: some names need brackets."""

from __future__ import annotations

import re
from functools import lru_cache

from liquid import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError

from automations.messages.environment import parsed

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTTED = re.compile(r"([^\W\d]\w*\.(?:\w+\.)*)(\w+)")


def spelled(path: str, step: str | int) -> str:
    """Return `path` extended by a name or by a place in a list (from 0): a.b, a["for"], a[0]."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    plain = _PLAIN.fullmatch(step) and _can_follow_a_dot(step)
    return f"{path}.{step}" if plain else f'{path}["{step}"]'


def bracket_advice(source: str) -> str:
    """Return what to write for the first name in a tag that cannot follow a dot, or ""."""
    for match in _DOTTED.finditer(source):
        before, name = match[1].removesuffix("."), match[2]
        if not _can_follow_a_dot(name):
            return f'“{name}” cannot follow a dot. Write {before}["{name}"].'
    return ""


@lru_cache(maxsize=1024)
def _can_follow_a_dot(name: str) -> bool:
    # The library keeps its reserved words to itself, so it is asked.
    try:
        template = parsed(f"{{{{ a.{name} }}}}")
    except LiquidError:
        return False
    return [path.path for node in template.nodes for path in _paths(node)] == [["a", name]]


def _paths(node: Node) -> list[Path]:
    expression = node.expression if isinstance(node, OutputNode) else None
    if isinstance(expression, FilteredExpression) and isinstance(expression.left, Path):
        return [expression.left]
    return []
