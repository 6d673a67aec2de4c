"""The one fact that decides: why one of two rules fires on a record and the other does not."""

from __future__ import annotations

from dataclasses import dataclass

from automations.engine.explain.explanation import Explanation, GroupVerdict, TreeVerdict, Verdict
from automations.engine.fields.subject import Subject
from automations.engine.operators.operators import OPERATORS
from automations.engine.rules.rule import Condition, Rule
from automations.engine.wording.value_phrases import Words, needed_words
from automations.engine.wording.wording import verdict_words

NEEDS = (", needs ", ", need ")


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule on one occurrence. Without an explanation it did not look at it, for the reason in `deaf`."""

    #: What people call it: "version 2", "the draft".
    name: str
    explanation: Explanation | None
    deaf: str = ""


def why_only(fires: RuleVerdict, other: RuleVerdict, subject: Subject, words: Words) -> str:
    """Return why a draft fires where `other` does not: "total £52.80 is over £40.00, was not over £60.00"."""
    if other.explanation is None:
        return other.deaf
    failed = _blamed(other.explanation, fires.explanation)
    if failed is None:
        return f"{other.name} was not due then"
    counterpart = _same_field(failed, fires.explanation)
    if counterpart is None or not counterpart.holds:
        return _needed_by(other.name, failed, subject, words)
    holds = _lower_first(verdict_words(counterpart, subject, words))
    return holds + _was_not(failed, counterpart, other.name, subject, words)


def why_no_longer(fails: RuleVerdict, other: RuleVerdict, subject: Subject, words: Words) -> str:
    """Return why a draft does not fire where `other` does: "total is £32.50, needs over £40.00"."""
    if fails.explanation is None:
        return fails.deaf
    failed = _blamed(fails.explanation, other.explanation)
    if failed is None:
        return f"{fails.name} would not have been due then"
    text = _lower_first(verdict_words(failed, subject, words))
    counterpart = _same_field(failed, other.explanation)
    if counterpart is None or not isinstance(counterpart.condition, Condition):
        return text
    condition = counterpart.condition
    operator, field = OPERATORS[condition.operator], subject.any_field(condition.field)
    if operator.derives:
        return text
    needed = " ".join(
        filter(None, (operator.need(field.type), needed_words(field, operator, condition.value, words)))
    )
    return f"{text}; {other.name} needed {needed}"


def why_still(fires: RuleVerdict, other: Rule | None, subject: Subject, words: Words) -> str:
    """Return what holds: the condition that `other` does not have, else the last one."""
    tree = fires.explanation.tree if fires.explanation else ()
    known = set(other.conditions) if other else set()
    told = [verdict for verdict in tree if verdict.holds and _part_of(verdict) not in known]
    chosen = next(reversed(told or [verdict for verdict in tree if verdict.holds]), None)
    return _lower_first(verdict_words(chosen, subject, words)) if chosen else "there are no conditions"


def failure(judged: RuleVerdict, subject: Subject, words: Words) -> str:
    """Return why a rule did not fire: "its total £52.80 is not over £60.00" or what it waits for."""
    if judged.explanation is None:
        return judged.deaf
    failed = _blamed(judged.explanation, None)
    if failed is None:
        return "it was not due then"
    return _lower_first(verdict_words(failed, subject, words))


def _blamed(explanation: Explanation, other: Explanation | None) -> TreeVerdict | None:
    """Return the part that fails; rather one that the other rule does not have as well."""
    failed = [verdict for verdict in explanation.tree if not verdict.holds]
    shared = {_part_of(verdict) for verdict in other.tree} if other else set()
    return next((verdict for verdict in failed if _part_of(verdict) not in shared), next(iter(failed), None))


def _part_of(verdict: TreeVerdict) -> object:
    return verdict.group if isinstance(verdict, GroupVerdict) else verdict.condition


def _same_field(verdict: TreeVerdict, other: Explanation | None) -> Verdict | None:
    """Return the other rule's verdict about the same field, if both are conditions."""
    if other is None or isinstance(verdict, GroupVerdict) or not isinstance(verdict.condition, Condition):
        return None
    field = verdict.condition.field
    about = [
        one for one in other.verdicts if isinstance(one.condition, Condition) and one.condition.field == field
    ]
    return about[0] if about else None


def _was_not(failed: TreeVerdict, holds: Verdict, name: str, subject: Subject, words: Words) -> str:
    """Return ", was not over £60.00" where both ask the same way, else "; version 2 needs Delivery"."""
    before, now = _part_of(failed), holds.condition
    if not (isinstance(before, Condition) and isinstance(now, Condition)):
        return f"; {_needed_by(name, failed, subject, words)}"
    field, operator = subject.any_field(before.field), OPERATORS[before.operator]
    needed, verb = needed_words(field, operator, before.value, words), operator.phrase(field.type)
    same_way = before.operator == now.operator and operator.by_position
    if same_way and verb.split()[0] == "is" and verb != "is not":
        return " ".join(filter(None, (", was not", verb.removeprefix("is").strip(), needed)))
    return f"; {name} needs {' '.join(filter(None, (operator.need(field.type), needed)))}"


def _needed_by(name: str, failed: TreeVerdict, subject: Subject, words: Words) -> str:
    """Return "total is £52.80, version 2 needs over £60.00"."""
    text = _lower_first(verdict_words(failed, subject, words))
    for needs in NEEDS:
        before, mark, needed = text.rpartition(needs)
        if mark:
            return f"{before}, {name} needs {needed}"
    return f"for {name}, {text}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
