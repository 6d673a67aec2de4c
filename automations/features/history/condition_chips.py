"""The conditions of a rule as chips, each with the actual and the needed value, grouped as in the rule."""

from __future__ import annotations

from collections.abc import Iterator

from automations.engine.explain.explanation import Explanation, GroupVerdict, TreeVerdict
from automations.engine.fields.subject import Subject
from automations.engine.wording.wording import verdict_words
from automations.features.history.log_entries import Chip
from automations.models.settings.choices import StoreWords

#: The word between the conditions of a group.
_BETWEEN = {"any": "or", "all": "and"}


def chips(explanation: Explanation, subject: str, words: StoreWords) -> tuple[Chip, ...]:
    """Return a chip per condition, with its actual and needed value, in the order of the rule."""
    whole = words.subject(subject)
    return tuple(chip for verdict in explanation.tree for chip in _chips(verdict, whole, words, False, ""))


def _chips(
    verdict: TreeVerdict, subject: Subject, words: StoreWords, spared: bool, joined: str
) -> Iterator[Chip]:
    """Return the chips of a verdict; `spared` means that an enclosing group holds, so no chip here is to
    blame.
    """
    if not isinstance(verdict, GroupVerdict) or verdict.group.match == "none":
        blameless = spared and not verdict.holds
        yield Chip(verdict_words(verdict, subject, words), verdict.holds, joined, blameless)
        return
    for place, member in enumerate(verdict.verdicts):
        between = _BETWEEN[verdict.group.match] if place else joined
        yield from _chips(member, subject, words, spared or verdict.holds, between)
