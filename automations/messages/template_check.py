"""Validate a template before it is published, on the parsed template and without rendering."""

from __future__ import annotations

import re
from collections.abc import Iterator

from liquid import Node
from liquid.builtin.tags.case_tag import CaseNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.exceptions import LiquidError

from automations.engine.operators.value_types import counted
from automations.messages.environment import parsed
from automations.messages.expressions import findings, loop_findings, when_findings
from automations.messages.field_lookup import Scope
from automations.messages.filter_kinds import Finding
from automations.messages.message_fields import Own, known
from automations.messages.path_spelling import bracket_advice
from automations.messages.template_problem import TemplateProblem, problem_at
from automations.messages.template_scan import LONGEST_TEMPLATE, TagText, scan
from automations.messages.template_walk import walk

_ONE_EQUALS = re.compile(r"[^=!<>]=[^=]")
_UNREADABLE = "cannot be read. Check the spelling, the dots and the quotation marks."


def check(
    text: str, subject_key: str, extra: Scope | None = None, own: Own | None = None
) -> list[TemplateProblem]:
    """Return every problem of a template for messages about `subject_key`; never raises.

    `extra` holds top-level names in addition to the subject's own, `own` the store's custom fields.
    """
    if len(text) > LONGEST_TEMPLATE:
        sentence = f"The text has {counted(len(text))} characters. Shorten it to {counted(LONGEST_TEMPLATE)}."
        return [problem_at(text, 0, sentence)]
    tags, problems = scan(text)
    if problems:
        return problems
    try:
        return _read(text, {**known(subject_key, own), **(extra or {})})
    except LiquidError as error:
        return [_unreadable(text, tags, error)]
    except RecursionError:
        return [problem_at(text, 0, "The text is nested too deeply. Make it simpler.")]


def _read(text: str, scope: Scope) -> list[TemplateProblem]:
    findings_found = {
        finding for node, names in walk(parsed(text), scope) for finding in _of_node(node, names)
    }
    return [problem_at(text, index, sentence) for index, sentence in sorted(findings_found)]


def _of_node(node: Node, scope: Scope) -> Iterator[Finding]:
    if isinstance(node, ForNode):
        yield from loop_findings(node.expression, scope)
        return
    for expression in node.expressions():
        yield from findings(expression, scope)
    if isinstance(node, CaseNode):
        yield from when_findings(node, scope)


def _unreadable(text: str, tags: list[TagText], error: LiquidError) -> TemplateProblem:
    tag = _tag_of(tags, error)
    if tag is None:
        return problem_at(text, 0, f"The text {_UNREADABLE}")
    if tag.name in ("if", "elsif", "unless") and _ONE_EQUALS.search(tag.source):
        return problem_at(text, tag.start, f"“{tag.source[:60]}”: compare with two equals signs, ==.")
    sentence = bracket_advice(tag.source) or f"“{tag.source[:60]}” {_UNREADABLE}"
    return problem_at(text, tag.start, sentence)


def _tag_of(tags: list[TagText], error: LiquidError) -> TagText | None:
    index = error.token.start_index if error.token else -1
    if index < 0:
        # The parser reached the end of input without a position: report the first output that fails alone.
        return next((tag for tag in tags if not tag.name and not _readable(tag.source)), None)
    return next((tag for tag in reversed(tags) if tag.start <= index), None)


def _readable(source: str) -> bool:
    try:
        return bool(parsed(source))
    except LiquidError:
        return False
