"""Live automations that by proof fire on the same as the draft and reach the same people the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from automations.engine.checks.proof_search import ProofAnswer
from automations.engine.checks.proofs import Proof
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.checks.check import Check, CheckPiece, sentence
from automations.features.checks.others import Other, shared
from automations.models.settings.choices import StoreWords

Data = Mapping[str, Any]


def alike(words: StoreWords, rule: Rule, data: Data, others: Sequence[Other]) -> Iterator[Check]:
    """Yield a warning for each live automation that fires whenever the draft does, or the reverse."""
    custom = words.custom_ever(rule.subject)
    proof = Proof(rule, custom)
    if proof.example() is ProofAnswer.NEVER:
        return
    for other in others:
        reaches = shared(data, other.data)
        theirs = _same_trigger(other, rule) if reaches else None
        if theirs is None:
            continue
        try:
            their_proof = Proof(theirs, custom)
        except BrokenRule:
            continue
        covered, covers = proof.implies(their_proof), their_proof.implies(proof)
        if covers and their_proof.example() is ProofAnswer.NEVER:
            continue
        if covered or covers:
            verbs = " and ".join(reach.verb for reach in reaches)
            yield _warning(rule.subject, other, verbs, covered, covers)


def _warning(subject: str, other: Other, verbs: str, covered: bool, covers: bool) -> Check:
    plural = SUBJECTS[subject].plural.lower()
    also = f"; both {verbs}."
    if covered and covers:
        said = sentence(
            CheckPiece("Duplicate of ", strong=True), other.link, f": it fires for the same {plural}{also}"
        )
        proof = "The trigger is the same, and the conditions mean the same."
        return Check("duplicate", "warn", said, sentence(proof))
    proof = "The trigger is the same, and the conditions of one include those of the other."
    if covered:
        return Check(
            "duplicate", "warn", sentence(other.link, f" fires whenever this does{also}"), sentence(proof)
        )
    return Check(
        "duplicate", "warn", sentence("This fires whenever ", other.link, f" does{also}"), sentence(proof)
    )


def _same_trigger(other: Other, rule: Rule) -> Rule | None:
    """Return the other's rule if the same occurrences start it, before what narrows them."""
    if other.data.get("subject") != rule.subject:
        return None
    theirs = rule_from(other.automation_id, other.data)
    same = theirs.trigger.key == rule.trigger.key and theirs.trigger.schedule == rule.trigger.schedule
    return theirs if same else None
