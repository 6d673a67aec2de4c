"""A rule that by proof can never fire: which rows make it so, and how to mend it. It is not published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from automations.engine.checks.proofs import Never, Path, Proof
from automations.engine.fields.problem import lower
from automations.engine.rules.rule import Condition, Problem, leaves, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.engine.wording.wording import condition_words
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store

Data = Mapping[str, Any]
#: Fields of which each follows from the two others.
AMOUNTS = frozenset({"total", "amount_paid", "balance_due"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence; `place` is that of a condition, ("conditions", 0)."""

    text: str
    place: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a rule can never fire, what that rests on, and what to do about it."""

    phrases: tuple[Phrase, ...]
    proof: str
    mend: str

    @property
    def sentence(self) -> str:
        """Return the reason and what to do, without links."""
        return f"{''.join(phrase.text for phrase in self.phrases)} {self.mend}"

    @property
    def path(self) -> str:
        """Return the path of the first row that is named, the trigger's if none is."""
        named = next((phrase.place for phrase in self.phrases if phrase.place), ("trigger",))
        return ".".join(str(step) for step in named)


def first_day(store: Store, now: dt.datetime) -> dt.date:
    """Return the first day on which something can still happen, with a day for clocks that differ."""
    return now.astimezone(ZoneInfo(store.timezone)).date() - dt.timedelta(days=1)


def contradictions(words: StoreWords, store: Store, data: Data, now: dt.datetime) -> list[Problem]:
    """Return why complete rule data is not worth publishing: one problem if it can never fire."""
    try:
        rule = rule_from(0, data)
        proof = Proof(rule, words.custom_ever(rule.subject), first_day(store, now))
    except (BrokenRule, KeyError, TypeError, ValueError):
        # What is wrong with it stands among the problems of the draft.
        return []
    found = contradiction(proof, words, range(len(rule.conditions)))
    return [Problem(found.path, found.sentence)] if found else []


def contradiction(proof: Proof, words: StoreWords, places: Sequence[int]) -> Contradiction | None:
    """Return why a rule can never fire, if that is proven; `places` are those of its conditions."""
    never = proof.never()
    if never is None:
        return None
    said = "It can never fire: "
    if not never.conditions:
        mend = "Choose another “from” or “to”."
        return Contradiction((Phrase(f"{said}nothing changes to what it was before."),), "", mend)
    named = tuple(named_conditions(proof, words, places, never.conditions))
    return Contradiction(
        (Phrase(said + _before(never)), *named, Phrase(_after(never))),
        _proof_of(never, proof, words),
        _mend(never, len(_fields_of(never, proof)) > 1),
    )


def named_conditions(
    proof: Proof, words: StoreWords, places: Sequence[int], paths: Sequence[Path]
) -> Iterator[Phrase]:
    """Yield the conditions with their places, joined with commas and "and"."""
    subject = words.subject(proof.rule.subject)
    for place, path in enumerate(paths):
        if place:
            yield Phrase(" and " if place == len(paths) - 1 else ", ")
        steps: list[object] = ["conditions", places[path[0]]]
        for step in path[1:]:
            steps += ["conditions", step]
        yield Phrase(f"“{condition_words(proof.node(path), subject, words)}”", tuple(steps))


def _before(never: Never) -> str:
    if never.passed:
        return "from today on, "
    return "with this trigger, " if never.trigger else ""


def _after(never: Never) -> str:
    alone = len(never.conditions) == 1
    if never.passed or never.trigger:
        return " never holds." if alone else " never hold together."
    return " can’t hold." if alone else " exclude each other."


def _mend(never: Never, related: bool) -> str:
    which = "it" if len(never.conditions) == 1 else "one of them"
    if never.passed:
        return f"Choose a later day, or remove {which}."
    if never.trigger:
        return f"Change or remove {which}, or choose another trigger."
    if len(never.conditions) == 1:
        return "Change or remove it."
    if related:
        return "Change or remove one of them."
    return "Change or remove one of them, or put them in a group of which any may be true."


def _fields_of(never: Never, proof: Proof) -> set[str]:
    nodes = tuple(proof.node(path) for path in never.conditions)
    return {condition.field for condition in leaves(nodes) if isinstance(condition, Condition)}


def _proof_of(never: Never, proof: Proof, words: StoreWords) -> str:
    subject = words.subject(proof.rule.subject)
    noun = subject.label.lower()
    fields = _fields_of(never, proof)
    if never.passed:
        return f"That day is over for every {noun}."
    if not never.trigger and len(fields) == 1 and (field := subject.fields.get(fields.pop())):
        return f"No {lower(field.label)} meets {'both' if len(never.conditions) == 2 else 'them'}."
    if fields >= AMOUNTS:
        return "What is due is always the total less what was paid."
    return f"So it is for every {noun}, whatever else it holds."
