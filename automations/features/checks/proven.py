"""What is proven about the draft's own conditions, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from automations.engine.checks.proofs import Idle, Path, Proof
from automations.engine.fields.subject import Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Problem, Rule, leaves, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.engine.wording.sentence_parts import article
from automations.features.authoring.contradiction import (
    Phrase,
    contradiction,
    first_day,
    named_conditions,
)
from automations.features.checks.check import Check, CheckPiece, place_of, sentence
from automations.features.checks.constructed import constructed
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store

Data = Mapping[str, Any]
#: With more conditions than this, each is no longer held against all others: an edit must not wait for it.
MOST_COMPARED = 40
_COUNTED = {2: "both conditions", 3: "all three", 4: "all four", 5: "all five"}


def judgeable(words: StoreWords, data: Data, problems: Sequence[Problem]) -> tuple[Rule, list[int]] | None:
    """Return the rule of those conditions that are finished, and the place of each; None without a trigger.

    What is left out only lets more through: a draft that can never fire without it can't with it either.
    """
    broken = {problem.path.split(".")[0] for problem in problems}
    if broken & {"", "subject", "trigger"} or data.get("subject") not in SUBJECTS:
        return None
    wrong = {tuple(problem.path.split(".")[:2]) for problem in problems}
    nodes = data.get("conditions") or []
    kept = [place for place in range(len(nodes)) if ("conditions", str(place)) not in wrong]
    try:
        rule = rule_from(0, {**data, "conditions": [nodes[place] for place in kept]})
        Proof(rule, words.custom_ever(rule.subject))
    except (BrokenRule, KeyError, TypeError, ValueError):
        return None
    return rule, kept


def own_conditions(words: StoreWords, rule: Rule, places: Sequence[int], today: dt.date) -> Iterator[Check]:
    """Yield what is proven about a rule by itself; `places` are those of its conditions in the draft."""
    proof = Proof(rule, words.custom_ever(rule.subject), today)
    sentences = _Sentences(proof, words.subject(rule.subject), words, places)
    if found := contradiction(proof, words, places):
        details = f"{found.proof} {found.mend}".strip()
        yield Check("never", "stop", tuple(_linked(found.phrases)), sentence(details))
        return
    if sum(1 for _ in leaves(rule.conditions)) <= MOST_COMPARED:
        yield from map(sentences.idle, proof.idle())


def no_contradiction(
    words: StoreWords, store: Store, rule: Rule, witness: Sequence[CheckPiece], now: dt.datetime
) -> Iterator[Check]:
    """Yield that the conditions can all be met at once: by a record of the past, or by a constructed one."""
    count = sum(1 for _ in leaves(rule.conditions))
    example = constructed(words, store, rule, now) if count > 1 else None
    if count < 2 or not (witness or example):
        return
    if witness and Proof(rule, words.custom_ever(rule.subject), first_day(store, now)).never():
        # What fired once can never again.
        return
    noun = words.subject(rule.subject).label.lower()
    can = f" {article(noun)} {noun} can meet {_COUNTED.get(count, f'all {count}')}"
    head = CheckPiece("No contradiction:", strong=True)
    if witness or example is None:
        yield Check("never", "ok", sentence(head, can, ", ", witness[0], " does."))
        return
    made = sentence(f"None did so far. Such {article(noun)} {noun}, made up:")
    values, tried = tuple(example.values), example.can_be_tried
    yield Check("never", "ok", sentence(head, can, "."), made, example=values, can_be_tried=tried)


class _Sentences:
    """Findings of one proof in the words of its store."""

    def __init__(self, proof: Proof, subject: Subject, words: StoreWords, places: Sequence[int]) -> None:
        self.subject = subject
        self._proof, self._words, self._places = proof, words, places

    def idle(self, idle: Idle) -> Check:
        (named,) = self._named([idle.condition])
        if idle.why == "always":
            why = "the trigger says it already" if idle.trigger else f"it holds for every {self._noun}"
            return Check("always", "warn", sentence("Always true: ", named, f" keeps none out, as {why}."))
        if idle.why == "never":
            return Check(
                "idle", "warn", sentence("Never true: ", named, " can’t hold here, so it adds nothing.")
            )
        if idle.by is None:
            return Check(
                "idle", "warn", sentence("Says nothing new: ", named, " follows from the other conditions.")
            )
        (by_other,) = self._named([idle.by])
        verb = "says the same" if by_other.text == named.text else "says it already"
        return Check(
            "idle", "warn", sentence("Says nothing new: ", named, " can go, as ", by_other, f" {verb}.")
        )

    @property
    def _noun(self) -> str:
        return self.subject.label.lower()

    def _named(self, paths: Sequence[Path]) -> list[CheckPiece]:
        """Return the conditions as links to their places, joined with commas and "and"."""
        return _linked(named_conditions(self._proof, self._words, self._places, paths))


def _linked(phrases: Iterable[Phrase]) -> list[CheckPiece]:
    return [CheckPiece(one.text, place_of(one.place) if one.place else None) for one in phrases]
