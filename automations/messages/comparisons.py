"""Comparisons of values that do not belong together, which fail for every record or never hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from liquid.builtin.expressions import Path, StringLiteral
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import Nil
from liquid.expression import Expression

from automations.engine.fields.problem import either
from automations.messages import date_formats
from automations.messages.field_lookup import Scope
from automations.messages.template_kinds import (
    ASKED,
    CHOICE,
    DATE,
    LIST,
    NUMBER,
    TEXT,
    UNKNOWN,
    kind_of,
    shape_of,
)
from automations.messages.value_shapes import FieldShape

_EQUALS = (EqExpression, NeExpression)
_ORDERS = (LtExpression, GtExpression, LeExpression, GeExpression)
_Compared = EqExpression | NeExpression | LtExpression | GtExpression | LeExpression | GeExpression
_TEXTS = frozenset({TEXT, CHOICE})


def comparison_problems(expression: Expression, scope: Scope) -> Iterator[str]:
    """Yield a sentence for an expression that compares values of different kinds."""
    if isinstance(expression, (*_EQUALS, *_ORDERS)):
        yield from pair_problems(expression.left, expression.right, scope)
        yield from _order_problems(expression, scope)
    elif isinstance(expression, ContainsExpression):
        yield from _contains_problems(expression, scope)


def pair_problems(left: Expression, right: Expression, scope: Scope) -> Iterator[str]:
    """Yield a sentence for two values of which one can never equal the other."""
    kinds = kind_of(left, scope), kind_of(right, scope)
    if ASKED in kinds and UNKNOWN not in kinds:
        asked = left if isinstance(left, Path) else right
        yield f"{left} cannot be compared: ask {{% if {asked} %}}, or unless."
    elif LIST in kinds:
        name, other = (left, right) if kinds[0] == LIST else (right, left)
        if isinstance(other, Nil):
            return
        yield f"{name} is a list. Ask {{% if {name} %}} or compare its number, {name}.size."
    elif DATE in kinds and NUMBER not in kinds:
        yield from _date_problems(left, right)
    elif not _fit(*kinds):
        advice = "Write numbers without quotation marks, and texts with them."
        yield f"{left} is {kinds[0]} and {right} is {kinds[1]}. {advice}"
    else:
        yield from _own_choice_problems(left, right, scope)


def _fit(left: str, right: str) -> bool:
    return UNKNOWN in (left, right) or left == right or {left, right} <= _TEXTS


def _date_problems(left: Expression, right: Expression) -> Iterator[str]:
    for field, literal in ((left, right), (right, left)):
        if _is_text(literal) and date_formats.moment(literal.value, "UTC") is None:
            yield f"{field} is a date: compare it with one written like '2026-11-24'."


def _own_choice_problems(left: Expression, right: Expression, scope: Scope) -> Iterator[str]:
    """Yield a sentence if a field with choices of its own is compared with none of them."""
    for field, literal in ((left, right), (right, left)):
        shape = shape_of(field, scope)
        if not _is_text(literal) or not isinstance(shape, FieldShape) or not shape.labels:
            continue
        names = {name.casefold() for pair in shape.labels.items() for name in pair}
        if literal.value.strip().casefold() not in names:
            offered = either(list(shape.labels.values()))
            yield f"“{shape.label}” has no “{literal.value[:60]}”. Choose {offered}."


def _is_text(expression: Expression) -> TypeGuard[StringLiteral]:
    """Return whether it is a text in quotation marks that holds something; "" asks for an empty field."""
    return isinstance(expression, StringLiteral) and expression.value != ""


def _order_problems(expression: _Compared, scope: Scope) -> Iterator[str]:
    for field in (expression.left, expression.right):
        if isinstance(expression, _ORDERS) and kind_of(field, scope) == CHOICE:
            yield f"{field} is one of a list: compare it with == or != and a name in quotation marks."


def _contains_problems(expression: ContainsExpression, scope: Scope) -> Iterator[str]:
    left, right = expression.left, expression.right
    kind, part = kind_of(left, scope), kind_of(right, scope)
    if kind == NUMBER:
        yield f"{left} is a number, which contains nothing. Compare it with == or >."
    elif kind == ASKED:
        yield f"{left} cannot be compared: ask {{% if {left} %}}, or unless."
    elif kind == LIST and not _lists_texts(left, scope):
        yield f"{left} is a list of several fields. Go through it with {{% for %}} and compare one of them."
    elif part in (LIST, ASKED) or (kind == LIST and part == NUMBER):
        yield f"{right} is {part}. Write the text that {left} may contain in quotation marks."


def _lists_texts(expression: Expression, scope: Scope) -> bool:
    shape = shape_of(expression, scope)
    return isinstance(getattr(shape, "item", None), FieldShape)
