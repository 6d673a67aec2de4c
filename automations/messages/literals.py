"""What is written in a template counts as it reads: 20.10 is a decimal, and "" is nothing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from liquid import Node, RenderContext
from liquid.builtin.expressions import StringLiteral
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import FloatLiteral, Nil
from liquid.builtin.tags.case_tag import MultiExpressionBlockNode
from liquid.expression import Expression


def settle(nodes: Iterable[Node], context: RenderContext) -> None:
    """Change the literals of a parsed template in place.

    The library reads 20.10 as a binary fraction, which no amount equals, and never finds "" equal to a field
    that is empty, because empty fields are nil.
    """
    for node in nodes:
        for expression in node.expressions():
            _settle(expression)
        if isinstance(node, MultiExpressionBlockNode):
            wanted = node.expression.expressions
            wanted[:] = map(_nothing_for_blank, wanted)
        settle(node.children(context), context)


def _settle(expression: Expression) -> None:
    if isinstance(expression, FloatLiteral):
        # The library declares a float, and passes on whatever stands here.
        expression.value = cast(float, Decimal(expression.token.value))
    elif isinstance(expression, (EqExpression, NeExpression)):
        expression.left = _nothing_for_blank(expression.left)
        expression.right = _nothing_for_blank(expression.right)
    for part in expression.children():
        _settle(part)


def _nothing_for_blank(expression: Expression) -> Expression:
    is_blank = isinstance(expression, StringLiteral) and not expression.value.strip()
    return Nil(expression.token) if is_blank else expression
