"""Comparisons of a number with a text, which fail for every record or never hold."""

from __future__ import annotations

from collections.abc import Iterator

from liquid.builtin.expressions import Path, StringLiteral
from liquid.builtin.expressions.logical import (
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import FloatLiteral, IntegerLiteral
from liquid.expression import Expression

from automations.messages.field_lookup import Scope, UnknownField, find
from automations.messages.value_shapes import FieldShape

_COMPARED = (EqExpression, NeExpression, LtExpression, GtExpression, LeExpression, GeExpression)
_Compared = EqExpression | NeExpression | LtExpression | GtExpression | LeExpression | GeExpression
_NUMBERS = frozenset({"number", "money"})
_ASKED = "yes or no"


def comparison_problems(expression: Expression, scope: Scope) -> Iterator[str]:
    """Yield a sentence for an expression that compares values of different kinds."""
    if not isinstance(expression, _COMPARED):
        return
    left, right = _kind(expression.left, scope), _kind(expression.right, scope)
    if _ASKED in (left, right):
        yield f"{expression.left} cannot be compared: ask {{% if {_asked(expression)} %}}, or unless."
    elif left and right and left != right:
        advice = "Write numbers without quotation marks, and texts with them."
        yield f"{expression.left} is {left} and {expression.right} is {right}. {advice}"


def _asked(expression: _Compared) -> Expression:
    return expression.left if isinstance(expression.left, Path) else expression.right


def _kind(expression: Expression, scope: Scope) -> str:
    if isinstance(expression, (IntegerLiteral, FloatLiteral)):
        return "a number"
    if isinstance(expression, StringLiteral):
        return "a text"
    if not isinstance(expression, Path):
        return ""
    try:
        shape = find(expression, scope)
    except UnknownField:
        return ""
    if not isinstance(shape, FieldShape):
        return ""
    return _ASKED if shape.type == "bool" else "a number" if shape.type in _NUMBERS else "a text"
