"""Validate the expressions inside tags: known fields, known filters, plain values."""

from __future__ import annotations

from collections.abc import Iterator

from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path, StringLiteral
from liquid.builtin.expressions.filtered import Filter as FilterCall
from liquid.builtin.expressions.primitive import Blank, Empty, IntegerLiteral, RangeLiteral
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.expression import Expression

from automations.messages import date_formats
from automations.messages.comparisons import comparison_problems, pair_problems
from automations.messages.field_lookup import Scope, UnknownField, find
from automations.messages.filter_kinds import Finding, filter_kind_problems
from automations.messages.message_filters import AS_JSON, AS_TEXT_OR_LIST, BODY_FILTERS, FILTERS
from automations.messages.similar import did_you_mean
from automations.messages.template_kinds import shape_of
from automations.messages.template_walk import loop_item
from automations.messages.value_shapes import GroupShape, ListOf

_NO_RANGES = "Ranges such as (1..5) are not available. Loop over the record's own lists, such as order.lines."
_NO_BLANK = "Comparing with blank or empty is not available. Write {% if order.note %} instead."
_OWN_LISTS = "A loop goes over one of the record's own lists, such as order.lines."


def findings(expression: Expression, scope: Scope) -> Iterator[Finding]:
    """Yield every problem in an expression and its parts."""
    place = expression.token.start_index
    if isinstance(expression, RangeLiteral):
        yield place, _NO_RANGES
        return
    if isinstance(expression, (Empty, Blank)):
        yield place, _NO_BLANK
    elif isinstance(expression, Path):
        yield from _path(expression, scope)
        return
    elif isinstance(expression, FilteredExpression):
        yield from _output(expression, scope)
    yield from ((place, sentence) for sentence in comparison_problems(expression, scope))
    for part in expression.children():
        yield from findings(part, scope)


def loop_findings(loop: LoopExpression, scope: Scope) -> Iterator[Finding]:
    """Yield every problem in the head of a loop."""
    yield from findings(loop, scope)
    place = loop.iterable.token.start_index
    is_readable = not isinstance(loop.iterable, RangeLiteral) and not list(findings(loop.iterable, scope))
    if is_readable and loop_item(loop, scope) is None:
        yield place, _OWN_LISTS
    for word, value, least in (("limit", loop.limit, 1), ("offset", loop.offset, 0)):
        if value and not (isinstance(value, IntegerLiteral) and value.value >= least):
            yield value.token.start_index, f"After “{word}:”, write a whole number of {least} or more."


def when_findings(case: CaseNode, scope: Scope) -> Iterator[Finding]:
    """Yield every problem of the values that {% when %} compares with that of {% case %}."""
    for block in case.blocks:
        for value in block.expression.children() if isinstance(block, MultiExpressionBlockNode) else ():
            problems = pair_problems(case.expression, value, scope)
            yield from ((value.token.start_index, sentence) for sentence in problems)


def _path(path: Path, scope: Scope) -> Iterator[Finding]:
    try:
        shape = find(path, scope)
    except UnknownField as error:
        yield path.token.start_index, str(error)
        return
    if isinstance(shape, GroupShape):
        example = next(iter(shape.fields))
        sentence = f"{path} has several fields. Choose one, such as {path}.{example}."
        yield path.token.start_index, sentence


def _output(expression: FilteredExpression, scope: Scope) -> Iterator[Finding]:
    calls = expression.filters or []
    for call in calls:
        yield from ((call.token.start_index, sentence) for sentence in _filter(call))
    yield from filter_kind_problems(expression, scope)
    shape = shape_of(expression.left, scope)
    is_shown = not calls or (calls[0].name != "size" and calls[-1].name not in (AS_JSON, AS_TEXT_OR_LIST))
    if isinstance(shape, ListOf) and isinstance(shape.item, GroupShape) and is_shown:
        loop = f"{{% for {shape.each} in {expression.left} %}}"
        yield expression.left.token.start_index, f"{expression.left} is a list. Go through it with {loop}."


def _filter(call: FilterCall) -> Iterator[str]:
    entry = FILTERS.get(call.name) or BODY_FILTERS.get(call.name)
    if entry is None:
        hint = did_you_mean(call.name, FILTERS) or f" Use one of {', '.join(sorted(FILTERS))}."
        yield f"There is no filter “{call.name[:40]}”.{hint}"
        return
    named = any(hasattr(argument, "name") for argument in call.args)
    if named or not entry.least <= len(call.args) <= entry.most:
        yield f"The filter “{call.name}” takes {_amount(entry.least, entry.most)}."
    elif call.name == "date" and isinstance(call.args[0].value, StringLiteral):
        yield from filter(None, [date_formats.format_problem(call.args[0].value.value)])


def _amount(least: int, most: int) -> str:
    if most == 0:
        return "no value after it"
    if least == most:
        return f"{least} value after a colon" if least == 1 else f"{least} values after a colon"
    return f"{least} to {most} values after a colon"
