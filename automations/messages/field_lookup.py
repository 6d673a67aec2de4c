"""Resolve a path in a template to the shape of its value, with a helpful error if there is none."""

from __future__ import annotations

from collections.abc import Mapping

from liquid.builtin.expressions import Path

from automations.messages.similar import did_you_mean
from automations.messages.value_shapes import Anything, FieldShape, GroupShape, ListOf, Shape

Scope = Mapping[str, Shape]

_NUMBER = FieldShape("Number", "number")
LOOP = GroupShape(
    "Loop",
    dict.fromkeys(("index", "index0", "rindex", "rindex0", "length", "first", "last"), _NUMBER),
)


class UnknownField(Exception):
    """A path that names no field; `str(error)` is a sentence for the user."""


def find(path: Path, scope: Scope) -> Shape:
    """Return the shape of the value that `path` names. Raises UnknownField."""
    steps = [_step(step) for step in path.path]
    shape: Shape = GroupShape("", scope)
    for depth, step in enumerate(steps):
        inner = _inner(shape, step)
        if inner is None:
            raise UnknownField(_unknown(steps[: depth + 1], shape))
        shape = inner
    return shape


def _step(step: object) -> str | int:
    if isinstance(step, (str, int)):
        return step
    raise UnknownField(
        "A field is named with dots, such as order.number, not with another field in brackets."
    )


def _inner(shape: Shape, step: str | int) -> Shape | None:
    if isinstance(shape, Anything):
        return shape
    if isinstance(shape, GroupShape):
        return shape.fields.get(step) if isinstance(step, str) else None
    if isinstance(shape, ListOf):
        if step == "size":
            return _NUMBER
        return shape.item if isinstance(step, int) or step in ("first", "last") else None
    return None


def _unknown(steps: list[str | int], parent: Shape) -> str:
    *before, last = [str(step)[:80] for step in steps]
    prefix = "".join(f"{step}." for step in before)
    names = parent.fields if isinstance(parent, GroupShape) else ()
    return (
        f"There is no field {prefix}{last}.{did_you_mean(prefix + last, [prefix + name for name in names])}"
    )
