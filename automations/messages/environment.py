"""A Liquid environment with four block tags, our own filters, and a work budget for each rendering."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TextIO

from liquid import Environment, Node, RenderContext
from liquid.ast import BlockNode
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path
from liquid.builtin.tags import case_tag, for_tag, if_tag, unless_tag
from liquid.builtin.tags.for_tag import ForNode
from liquid.exceptions import FilterArgumentError, LiquidSyntaxError, ResourceLimitError
from liquid.expression import Expression
from liquid.filter import with_context
from liquid.template import BoundTemplate
from liquid.token import Token
from liquid.undefined import UNDEFINED, is_undefined

from automations.messages.literals import settle
from automations.messages.message_filters import (
    AS_JSON,
    AS_TEXT_OR_LIST,
    BODY_FILTERS,
    FILTERS,
    MessageFilter,
)
from automations.messages.template_scan import LONGEST_TEMPLATE, scan
from automations.messages.template_values import Items, text

OUTPUT_LIMIT = 200_000
#: Work units in one rendering: a unit takes about a microsecond, so rendering stays well under 100 ms.
WORK_LIMIT = 50_000
_CHARACTERS_A_PIECE = 500
#: The name among the values under which a rendering may bring a set for the fields it shows and finds empty.
HOLES = "_holes"
_NOTHING_AS_JSON = ("", '""', "null", "[]")


class TooMuchWork(ResourceLimitError):
    """The work budget of the rendering is used up."""


class MessageContext(RenderContext):
    """A render context that counts work, so that no template can block a worker."""

    __slots__ = ("spent",)

    def spend(self, pieces: int) -> None:
        """Count work. Raises TooMuchWork."""
        self.spent: int = getattr(self, "spent", 0) + pieces
        if self.spent > WORK_LIMIT:
            raise TooMuchWork("too much work", token=None)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """Return the value of a path; None where the record has none, such as the first of no lines."""
        # The library's own value for that cannot be compared with < and >.
        value = super().get(path, token=token, default=default)
        return None if is_undefined(value) else value

    def get_item(self, obj: Any, key: Any) -> Any:
        """Return one step of a path; an answer that is a list is also found under “body”."""
        return obj if isinstance(obj, Items) and key == "body" else super().get_item(obj, key)


class MessageTemplate(BoundTemplate):
    """A parsed message template."""

    context_class = MessageContext


class MeteredForNode(ForNode):
    """A loop that spends the work of all its iterations before the first one."""

    __slots__ = ("weight",)

    def __init__(
        self, token: Token, expression: LoopExpression, block: BlockNode, default: BlockNode | None = None
    ) -> None:
        super().__init__(token, expression, block, default)
        self.weight = 0

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Spend the work of the loop, then render it."""
        if isinstance(context, MessageContext):
            self.weight = self.weight or _weight(self.block, context)
            _, rounds = self.expression.evaluate(context)
            context.spend(1 + rounds * self.weight)
        return super().render_to_output(context, buffer)


class TextOutputNode(output.OutputNode):
    """An output that writes a value as people read it, and notes a field that leaves nothing to read."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value; the library would write 1E+5, -0.00 and the names of Python."""
        written = text(self.expression.evaluate(context))
        holes = context.globals.get(HOLES)
        if (
            isinstance(holes, set)
            and _is_nothing(written, self.expression)
            and (path := _path(self.expression))
        ):
            holes.add(path)
        return buffer.write(written)


class FirstMatchCaseNode(case_tag.CaseNode):
    """A case that shows one block: two names of a status may both be that of the record."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Render the first block with an equal value, else the one after else."""
        for block in self.blocks:
            if not isinstance(block, case_tag.MultiExpressionBlockNode):
                return block.render(context, buffer)
            if any(block.expression.evaluate(context)):
                return block.block.render(context, buffer)
        return 0


class MessageEnvironment(Environment):
    """A Liquid environment with only the tags and filters listed here."""

    template_class = MessageTemplate
    block_nesting_limit = 20
    output_stream_limit = OUTPUT_LIMIT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register our tags and filters instead of the library's."""
        for tag in (content.Literal, _Output, illegal.Illegal, for_tag.BreakTag, for_tag.ContinueTag):
            self.add_tag(tag)
        for block in (if_tag.IfTag, unless_tag.UnlessTag, _CaseTag, _ForTag):
            self.add_tag(block)
        for name, entry in {**FILTERS, **BODY_FILTERS}.items():
            self.add_filter(name, _metered(entry))


class _Output(output.Output):
    node_class = TextOutputNode


class _CaseTag(case_tag.CaseTag):
    node_class = FirstMatchCaseNode


class _ForTag(for_tag.ForTag):
    node_class = MeteredForNode


@lru_cache(maxsize=256)
def parsed(source: str) -> BoundTemplate:
    """Return the parsed template of a text. Raises liquid.exceptions.LiquidError."""
    # Unchecked text reaches this too, and only text that passes the scan is cheap to parse.
    if len(source) > LONGEST_TEMPLATE or scan(source)[1]:
        raise LiquidSyntaxError("not a template", token=None)
    template = _ENVIRONMENT.from_string(source)
    settle(template.nodes, RenderContext(template))
    return template


def _is_nothing(written: str, expression: Expression) -> bool:
    """Whether an output left nothing to read; as JSON, nothing has a way to be written."""
    filters = (expression.filters or []) if isinstance(expression, FilteredExpression) else []
    as_json = bool(filters) and filters[-1].name in (AS_JSON, AS_TEXT_OR_LIST)
    return written.strip() in (_NOTHING_AS_JSON if as_json else ("",))


def _path(expression: Expression) -> tuple[str, ...]:
    """Return the field that an output shows: ("order", "note"); () for a text."""
    shown = expression.left if isinstance(expression, FilteredExpression) else expression
    return tuple(map(str, shown.path)) if isinstance(shown, Path) else ()


def _metered(entry: MessageFilter) -> Callable[..., object]:
    @with_context
    def apply(value: object, *arguments: object, context: MessageContext) -> object:
        context.spend(1 + len(text(value)) // _CHARACTERS_A_PIECE)
        try:
            return entry.apply(value, context, *arguments)
        except ValueError as error:
            raise FilterArgumentError(str(error), token=None) from error

    return apply


def _weight(node: Node, context: RenderContext) -> int:
    own = sum(_size(expression) for expression in node.expressions())
    return 1 + own + sum(_weight(child, context) for child in node.children(context))


def _size(expression: Expression) -> int:
    return 1 + sum(_size(part) for part in expression.children())


_ENVIRONMENT = MessageEnvironment()
