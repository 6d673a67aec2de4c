"""Asks the pinned examples of an automation, and says which of them hold its publishing back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Problem, check
from automations.engine.wording.formats import BRITISH, count_words
from automations.features.examples.answering import (
    BREAKING,
    ERASED,
    NOT_ASKED,
    OK,
    UNFINISHED,
    Answer,
    answer,
)
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.example import Example
from automations.models.tables.store import Store


@dataclass(frozen=True)
class Asked:
    """The answers of all examples of one automation, in the order in which they were pinned."""

    answers: tuple[Answer, ...] = ()

    @property
    def breaking(self) -> tuple[Answer, ...]:
        """Those that hold publishing back."""
        return tuple(one for one in self.answers if one.is_breaking)

    @property
    def several(self) -> frozenset[str]:
        """The labels that more than one has: the same record at different moments."""
        counts = Counter(one.example.label for one in self.answers)
        return frozenset(label for label, count in counts.items() if count > 1)

    @property
    def judged(self) -> int:
        """How many were judged or could not be for an error."""
        return sum(one.state == OK or one.is_breaking for one in self.answers)

    @property
    def summary(self) -> str:
        """Return "2 of 2 behave as expected", with what could not be asked; "" without examples."""
        counts = {state: sum(one.state == state for one in self.answers) for state in (NOT_ASKED, ERASED)}
        behaving = self.judged - len(self.breaking)
        verb = "behaves" if behaving == 1 else "behave"
        if not self.answers:
            return ""
        if any(one.state == UNFINISHED for one in self.answers):
            return f"{count_words(len(self.answers), 'examples', BRITISH)} asked when the rule is finished"
        parts = [f"{behaving} of {self.judged} {verb} as expected"] if self.judged else []
        parts += [f"{counts[NOT_ASKED]} not asked any more"] * bool(counts[NOT_ASKED])
        parts += [f"{counts[ERASED]} can’t be judged any more"] * bool(counts[ERASED])
        return ", ".join(parts)


def examples_of(session: Session, automation: Automation) -> Sequence[Example]:
    """Return the examples of an automation, the oldest first."""
    query = sa.select(Example).where(
        Example.store_id == automation.store_id,
        Example.automation_id == automation.id,
        Example.removed_at.is_(None),
    )
    return session.scalars(query.options(joinedload(Example.person)).order_by(Example.id)).all()


def ask(session: Session, words: StoreWords, automation: Automation, data: Mapping[str, Any]) -> Asked:
    """Return what rule data, complete or not, answers to the examples of an automation."""
    examples = examples_of(session, automation)
    if not examples:
        return Asked()
    if not _is_complete(words, data):
        return Asked(tuple(Answer(one, UNFINISHED, None, "not asked yet") for one in examples))
    return Asked(tuple(answer(words, one, data) for one in examples))


def broken(session: Session, automation: Automation, data: Mapping[str, Any]) -> tuple[Answer, ...]:
    """Return the answers that hold the publishing of this rule data back: the opposite, or an error."""
    store = session.get_one(Store, automation.store_id)
    return ask(session, StoreWords(session, store), automation, data).breaking


def problems(answers: Sequence[Answer]) -> list[Problem]:
    """Return the broken examples as what keeps a draft from being published."""
    return [Problem("examples", f"Pinned example {one.sentence}") for one in answers if one.state in BREAKING]


def _is_complete(words: StoreWords, data: Mapping[str, Any]) -> bool:
    """Whether trigger and conditions can be judged; the actions do not matter."""
    key = str(data.get("subject"))
    return key in SUBJECTS and not check(data, words.choices, words.has_reference, words.custom(key))
