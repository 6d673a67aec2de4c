"""A plan as lines of text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from automations.engine.wording.formats import BRITISH, count_words
from automations.features.authoring.version_history import ADDED, REMOVED, Piece
from automations.features.rules_as_code.plan import CHANGED, NEW, SAME, Plan, PlanStep

_SIGNS = {NEW: "+", CHANGED: "~", SAME: "="}
_MARKS = {ADDED: ("{+", "+}"), REMOVED: ("[-", "-]")}


def lines_of(plan: Plan, figures: Mapping[str, str]) -> Iterator[str]:
    """Yield the plan line by line: each file with what changes, its figure, and what is in the way."""
    for step in plan.steps:
        yield from _step(step, figures.get(step.name, ""))
    for name in plan.left_alone:
        yield f"  “{name}” has no file and is left alone."
    yield headline(plan)


def headline(plan: Plan) -> str:
    """Return the plan in a sentence: "2 automations change, 5 stay as they are." """
    same = len(plan.steps) - plan.changes
    stays = (
        f"{count_words(same, 'automations', BRITISH)} {'stays as it is' if same == 1 else 'stay as they are'}"
    )
    if not plan.changes:
        return f"Nothing changes: {stays}."
    verb = "changes" if plan.changes == 1 else "change"
    return f"{count_words(plan.changes, 'automations', BRITISH)} {verb}{f', {stays}' if same else ''}."


def change_words(step: PlanStep) -> str:
    """Return what becomes of the automation: "is published as version 3 and moves to the group “Mail”"."""
    return " and ".join(step.consequences) or ("changes" if step.kind != SAME else "stays as it is")


def _step(step: PlanStep, figure: str) -> Iterator[str]:
    yield f"{_SIGNS[step.kind]} “{step.name}” ({step.file}) {change_words(step)}."
    if step.changes_rule:
        yield f"    {marked(step.sentence)}"
    for text in step.texts:
        yield f"    {text.label}: {marked(text.pieces)}"
    if figure:
        yield f"    {figure}"
    for example in step.breaks:
        yield f"  ? {example}"
    for problem in step.problems:
        yield f"  ! {problem}"


def marked(pieces: Sequence[Piece]) -> str:
    """Return pieces as text, with removed words in [- -] and added ones in {+ +}."""
    return "".join(_marked(kind, text) for kind, text in pieces)


def _marked(kind: str, text: str) -> str:
    if kind not in _MARKS:
        return text
    before, after = _MARKS[kind]
    space = text[: len(text) - len(text.lstrip())]
    return f"{space}{before}{text.strip()}{after}"
