"""Conditions and verdicts in words: the actual value next to the required one."""

from __future__ import annotations

from automations.engine.explain.explanation import Explanation, GroupVerdict, TreeVerdict, Verdict
from automations.engine.fields.subject import CHANGE_FIELDS, Field, Subject
from automations.engine.operators.operators import OPERATORS, Operator
from automations.engine.operators.value_types import Value
from automations.engine.rules.rule import Condition, Group, LineGroup, Narrowing
from automations.engine.wording.condition_phrases import node_parts, plain
from automations.engine.wording.formats import joined
from automations.engine.wording.sentence_parts import text_of
from automations.engine.wording.value_phrases import Words, needed_words, subject_of, value_words

_MATCHES = {
    "any": "None of the alternatives holds",
    "all": "Not all of these hold",
    "none": "This must not be the case",
}


def condition_words(condition: Condition | Group | LineGroup, subject: Subject | str, words: Words) -> str:
    """Return a condition or group as a phrase, "its total is over £40.00". Raises KeyError."""
    entry = subject_of(subject)
    if isinstance(condition, Condition):
        entry.any_field(condition.field)
    return text_of(node_parts(entry, plain(condition), words))


def verdict_words(verdict: TreeVerdict, subject: Subject | str, words: Words) -> str:
    """Return a verdict as a sentence without full stop: "Fulfilment method is Collection, needs Delivery".

    Conditions on custom fields need a subject that has them (`Subject.with_custom`).
    """
    entry = subject_of(subject)
    if isinstance(verdict, GroupVerdict):
        return _group_words(verdict, entry, words)
    part = verdict.condition
    if isinstance(part, Narrowing):
        return _narrowing_words(part, verdict, entry, words)
    if isinstance(part, LineGroup):
        return _lines_words(part, verdict, entry, words)
    field, operator = entry.any_field(part.field), OPERATORS[part.operator]
    needed = needed_words(field, operator, part.value, words)
    if operator.derives in ("from", "to"):
        return _changed(field, operator, verdict, needed, words)
    if verdict.unsure:
        return f"{field.label} is {value_words(field, verdict.actual, words)}, {_incomparable(needed)}"
    return (_holding if verdict.holds else _failing)(field, operator, verdict.actual, needed, words)


def short_words(verdict: TreeVerdict, subject: Subject | str, words: Words) -> str:
    """Return what a condition found, without its field: "Delivery", "£32.50, needs over £40.00".

    "" for groups, for conditions on lines, and for what asks how a value changed.
    """
    if isinstance(verdict, GroupVerdict) or not isinstance(verdict.condition, Condition):
        return ""
    part = verdict.condition
    field, operator = subject_of(subject).any_field(part.field), OPERATORS[part.operator]
    if operator.derives in ("from", "to"):
        return ""
    actual = value_words(field, verdict.actual, words)
    if verdict.holds:
        return actual
    if verdict.unsure:
        return f"{actual}, {_incomparable(needed_words(field, operator, part.value, words))}"
    needed = needed_words(field, operator, part.value, words)
    return f"{actual}, {_requirement(field, operator, needed)}"


def why_not(
    record_name: str, automation_name: str, explanation: Explanation, subject: Subject | str, words: Words
) -> str:
    """Return the sentence that says why an automation did not run, with every condition that failed.

    "Order 1042 · Confirmation did not run: fulfilment method is Collection, needs Delivery."
    """
    failed = [verdict for verdict in explanation.tree or explanation.verdicts if not verdict.holds]
    reasons = "; ".join(_lower_first(verdict_words(verdict, subject, words)) for verdict in failed)
    return f"{record_name} · {automation_name} did not run: {reasons or 'every condition held'}."


def _holding(field: Field, operator: Operator, value: Value | None, needed: str, words: Words) -> str:
    actual = value_words(field, value, words)
    verb = operator.phrase(field.type)
    if operator.key in ("equals", "is_empty", "is_not_empty"):
        return f"{field.label} {_be(field)} {actual}"
    if operator.key in ("not_equals", "is_none_of") and field.type != "tags":
        return f"{field.label} {_be(field)} {actual}, not {needed}"
    if operator.takes == "many" and field.type != "tags":
        return f"{field.label} {_be(field)} {actual}"
    if not operator.by_position or field.type == "tags":
        return f"{field.label} {verb} {needed}"
    return f"{field.label} {actual} {verb} {needed}".rstrip()


def _failing(field: Field, operator: Operator, value: Value | None, needed: str, words: Words) -> str:
    actual = value_words(field, value, words)
    return f"{field.label} {_be(field)} {actual}, {_requirement(field, operator, needed)}"


def _incomparable(needed: str) -> str:
    return f"which can’t be compared with {needed}"


def _requirement(field: Field, operator: Operator, needed: str) -> str:
    need = "need" if field.type == "tags" else "needs"
    return " ".join(filter(None, (need, operator.need(field.type), needed)))


def _changed(field: Field, operator: Operator, verdict: Verdict, needed: str, words: Words) -> str:
    side = operator.derives
    if verdict.holds:
        return f"{field.label} changed {side} {needed}"
    if verdict.actual is None:
        return f"{field.label} did not change, needs to change {side} {needed}"
    return f"{field.label} changed {side} {value_words(field, verdict.actual, words)}, needs {needed}"


def _lines_words(part: LineGroup, verdict: Verdict, subject: Subject, words: Words) -> str:
    phrase = text_of(node_parts(subject, plain(part), words))
    if verdict.holds:
        return phrase[:1].upper() + phrase[1:]
    number, count, fitting = words.formats.number, len(verdict.lines), sum(verdict.lines)
    finding = f"{number(fitting)} of {number(count)} items fit" if count else "There are no items"
    return f"{finding}, needs that {phrase}"


def _group_words(verdict: GroupVerdict, subject: Subject, words: Words) -> str:
    if verdict.holds:
        phrase = text_of(node_parts(subject, plain(verdict.group), words))
        return phrase[:1].upper() + phrase[1:]
    # A "none" group fails because of the conditions that hold, the others because of those that do not.
    blamed = [inner for inner in verdict.verdicts if inner.holds is (verdict.group.match == "none")]
    reasons = [_lower_first(verdict_words(inner, subject, words)) for inner in blamed]
    return f"{_MATCHES[verdict.group.match]} ({'; '.join(reasons)})"


def _narrowing_words(part: Narrowing, verdict: Verdict, subject: Subject, words: Words) -> str:
    trigger = subject.triggers[part.trigger]
    if part.field == CHANGE_FIELDS:
        return _named_words(part, verdict, subject)
    name, _, side = part.field.rpartition("@") if "@" in part.field else part.field.rpartition(".")
    actual = verdict.actual if isinstance(verdict.actual, str) and verdict.actual else None
    if trigger.segment:
        return _segment_words(part, verdict.holds, actual, words)
    field = subject.fields.get(name)

    def choice_words(key: str) -> str:
        return value_words(field, key, words) if field else words.choice(trigger.choices or "", key)

    label = field.label if field else trigger.label.removesuffix(" changed")
    if actual is None:
        # It may have stayed as it was, or have been empty on this side.
        return f"{label} did not change {side} {choice_words(part.value)}"
    needed = "" if verdict.holds else f", needs {choice_words(part.value)}"
    return f"{label} changed {side} {choice_words(actual)}{needed}"


def _named_words(part: Narrowing, verdict: Verdict, subject: Subject) -> str:
    def label(key: str) -> str:
        return subject.fields[key].label if key in subject.fields else key

    if verdict.holds:
        return f"{label(part.value)} changed"
    actual = verdict.actual if isinstance(verdict.actual, frozenset) else frozenset()
    changed = joined(sorted(label(key) for key in actual)) or "Nothing"
    return f"{changed} changed, needs {_lower_first(label(part.value))} to change"


def _segment_words(part: Narrowing, held: bool, actual: str | None, words: Words) -> str:
    segment = words.reference("segment", actual) if actual else "none"
    return f"Segment is {segment}" + ("" if held else f", needs {words.reference('segment', part.value)}")


def _be(field: Field) -> str:
    return "are" if field.type == "tags" else "is"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
