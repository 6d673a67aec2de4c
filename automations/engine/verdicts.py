"""Conditions and their verdicts in words: what was found beside what was needed."""

from __future__ import annotations

from automations.engine.explain import Explanation, Verdict
from automations.engine.operators import OPERATORS, Operator
from automations.engine.rule import Condition, Narrowing
from automations.engine.subject import CHANGE_FROM, Field, Subject
from automations.engine.words import Words, stored_words, subject_of, value_words


def condition_words(condition: Condition, subject: Subject | str, words: Words) -> str:
    """A condition as a phrase: "its total is over £40.00"."""
    field, operator = subject_of(subject).fields[condition.field], OPERATORS[condition.operator]
    verb = operator.phrase(field.type)
    if not operator.needs_value:
        return f"{field.phrase} {verb}"
    return f"{field.phrase} {verb} {stored_words(field, condition.value, words)}"


def verdict_words(verdict: Verdict, subject: Subject | str, words: Words) -> str:
    """A verdict as a sentence without its full stop: "Fulfilment method is Collection, needs Delivery"."""
    part = verdict.condition
    if isinstance(part, Narrowing):
        return _narrowing_words(part, verdict, subject_of(subject), words)
    field, operator = subject_of(subject).fields[part.field], OPERATORS[part.operator]
    return (_holding if verdict.holds else _failing)(field, operator, verdict, words)


def why_not(
    record_name: str, automation_name: str, explanation: Explanation, subject: Subject | str, words: Words
) -> str:
    """The sentence that says why nothing happened, with every condition that failed.

    "Order 1042 · Confirmation did not run: fulfilment method is Collection, needs Delivery."
    """
    failed = [verdict for verdict in explanation.verdicts if not verdict.holds]
    reasons = "; ".join(_lower_first(verdict_words(verdict, subject, words)) for verdict in failed)
    return f"{record_name} · {automation_name} did not run: {reasons or 'every condition held'}."


def _holding(field: Field, operator: Operator, verdict: Verdict, words: Words) -> str:
    actual, needed = (value_words(field, value, words) for value in (verdict.actual, verdict.needed))
    verb = operator.phrase(field.type)
    if operator.key in ("equals", "is_empty", "is_not_empty"):
        return f"{field.label} {_be(field)} {actual}"
    if operator.key == "not_equals":
        return f"{field.label} {_be(field)} {actual}, not {needed}"
    if not operator.by_position:
        return f"{field.label} {verb} {needed}"
    return f"{field.label} {actual} {verb} {needed}"


def _failing(field: Field, operator: Operator, verdict: Verdict, words: Words) -> str:
    actual = value_words(field, verdict.actual, words)
    needed = value_words(field, verdict.needed, words) if operator.needs_value else ""
    asked = " ".join(filter(None, (operator.need(field.type), needed)))
    need = "need" if field.type == "tags" else "needs"
    return f"{field.label} {_be(field)} {actual}, {need} {asked}"


def _narrowing_words(part: Narrowing, verdict: Verdict, subject: Subject, words: Words) -> str:
    trigger = subject.triggers[part.trigger]
    side = "from" if part.field == CHANGE_FROM else "to"
    actual = verdict.actual if isinstance(verdict.actual, str) and verdict.actual else None
    found = words.choice(trigger.choices or "", actual) if actual else "nothing"
    needed = "" if verdict.holds else f", needs {words.choice(trigger.choices or '', part.value)}"
    return f"{trigger.label} {side} {found}{needed}"


def _be(field: Field) -> str:
    return "are" if field.type == "tags" else "is"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
