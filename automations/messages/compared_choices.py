"""The entries of the store's lists that a template compares a field with: order.status == 'Picked'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from liquid.builtin.expressions import StringLiteral
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from automations.messages.environment import parsed
from automations.messages.field_lookup import Scope
from automations.messages.message_fields import known
from automations.messages.template_kinds import shape_of
from automations.messages.template_problem import TemplateProblem, problem_at
from automations.messages.template_walk import walk
from automations.messages.value_shapes import FieldShape


@dataclass(frozen=True)
class ComparedChoice:
    """An entry of the list `list_key` by the name a template has; `field` is the label of the field."""

    list_key: str
    name: str
    field: str
    start: int

    def problem(self, text: str, hint: str) -> TemplateProblem:
        """Return the problem that the list has no such entry; `hint` is an advice or ""."""
        sentence = f"{self.field} is never “{self.name[:60]}”: the store’s list has no such entry.{hint}"
        return problem_at(text, self.start, sentence)


def compared_choices(text: str, subject_key: str) -> list[ComparedChoice]:
    """Return the entries that a template for messages about a subject names; none if it cannot be read."""
    try:
        template = parsed(text)
    except (LiquidError, RecursionError):
        return []
    return [
        choice
        for node, scope in walk(template, known(subject_key))
        for left, right in _pairs_of(node)
        for choice in _choices(left, right, scope)
    ]


def _pairs_of(node: object) -> Iterator[tuple[Expression, Expression]]:
    if isinstance(node, CaseNode):
        for block in node.blocks:
            for value in block.expression.children() if isinstance(block, MultiExpressionBlockNode) else ():
                yield node.expression, value
    elif hasattr(node, "expressions"):
        for expression in node.expressions():
            yield from _compared_in(expression)


def _compared_in(expression: Expression) -> Iterator[tuple[Expression, Expression]]:
    if isinstance(expression, (EqExpression, NeExpression)):
        yield expression.left, expression.right
    for part in expression.children():
        yield from _compared_in(part)


def _choices(left: Expression, right: Expression, scope: Scope) -> Iterator[ComparedChoice]:
    for field, literal in ((left, right), (right, left)):
        shape = shape_of(field, scope)
        if not isinstance(literal, StringLiteral) or not literal.value:
            continue
        if isinstance(shape, FieldShape) and shape.type == "choice" and shape.choices:
            yield ComparedChoice(shape.choices, literal.value, shape.label, literal.token.start_index)
