"""Walk the nodes of a parsed template with the names that are known at each."""

from __future__ import annotations

from collections.abc import Iterator

from liquid import Node, RenderContext
from liquid.builtin.expressions import LoopExpression, Path
from liquid.builtin.tags.for_tag import ForNode
from liquid.template import BoundTemplate

from automations.messages.field_lookup import LOOP, Scope
from automations.messages.template_kinds import shape_of
from automations.messages.value_shapes import FieldShape, ListOf, Shape


def walk(template: BoundTemplate, scope: Scope) -> Iterator[tuple[Node, Scope]]:
    """Yield every node, outer ones first, with the names its own expressions may use."""
    context = RenderContext(template)
    for node in template.nodes:
        yield from _walk(node, scope, context)


def loop_item(loop: LoopExpression, scope: Scope) -> Shape | None:
    """Return the shape of an item of a loop; None if it does not iterate over a list of the record."""
    shape = shape_of(loop.iterable, scope) if isinstance(loop.iterable, Path) else None
    return shape.item if isinstance(shape, ListOf) else None


def _walk(node: Node, scope: Scope, context: RenderContext) -> Iterator[tuple[Node, Scope]]:
    yield node, scope
    inner = scope
    if isinstance(node, ForNode):
        item = loop_item(node.expression, scope) or FieldShape("")
        inner = {**scope, node.expression.identifier: item, "forloop": LOOP}
    for child in node.children(context):
        yield from _walk(child, inner, context)
