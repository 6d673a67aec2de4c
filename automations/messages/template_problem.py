"""Errors of templates: a list of problems when saving, one failure when rendering."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TemplateProblem:
    """One thing to change; line and column start at 1."""

    line: int
    column: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.sentence}"


class TemplateFailed(Exception):
    """The template could not be rendered for this record; `str(error)` is a sentence for the log."""


def problem_at(text: str, index: int, sentence: str) -> TemplateProblem:
    """Return a problem at the character `index` of `text`; an index outside is clamped."""
    before = text[: max(0, index)]
    return TemplateProblem(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1, sentence)
