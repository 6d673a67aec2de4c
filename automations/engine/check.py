"""What is wrong with rule data, in sentences that say what to change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from automations.engine.operators import OPERATORS, Operator
from automations.engine.subject import Field, Subject
from automations.engine.subjects import SUBJECTS
from automations.engine.values import InvalidValue, parse, shown

#: The most conditions one automation may have.
MAX_CONDITIONS = 100

Choices = Callable[[str], Collection[str]]
References = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change: where ("conditions.2.value"), and a sentence."""

    path: str
    sentence: str


def check(data: object, choices: Choices, references: References) -> list[Problem]:
    """Every problem with the subject, trigger and conditions of rule data; never raises, whatever the data.

    `choices` gives the keys of one of the store's lists, `references` whether an account or store exists.
    """
    if not isinstance(data, Mapping):
        return [Problem("", "An automation is an object with a subject, a trigger, conditions and actions.")]
    subject = SUBJECTS.get(_text(data.get("subject")))
    if subject is None or not subject.triggers:
        return [Problem("subject", f"Choose what the automation watches: {_offered()}.")]
    return [
        *_trigger(subject, data.get("trigger"), choices),
        *_conditions(subject, data.get("conditions"), choices, references),
    ]


def _trigger(subject: Subject, trigger: object, choices: Choices) -> list[Problem]:
    given = trigger if isinstance(trigger, Mapping) else {}
    key = given.get("key")
    if not key:
        return [
            Problem(
                "trigger.key",
                "Choose what starts this automation: an automation without a trigger never runs.",
            )
        ]
    kind = subject.triggers.get(_text(key))
    if kind is None:
        labels = " or ".join(entry.label for entry in subject.triggers.values())
        return [Problem("trigger.key", f"{shown(key)} can’t start an automation; choose {labels}.")]
    sides = [(side, given.get(side)) for side in ("from", "to")]
    return [
        problem
        for side, value in sides
        if value is not None and value != ""
        for problem in _side(side, value, kind.label, kind.choices, choices)
    ]


def _side(side: str, value: object, label: str, list_key: str | None, choices: Choices) -> list[Problem]:
    path = f"trigger.{side}"
    if list_key is None:
        return [Problem(path, f"{label} can’t be narrowed by “{side}”; leave it empty.")]
    if not isinstance(value, str) or value not in choices(list_key):
        return [
            Problem(path, f"{label} {side} {shown(value)}: there is no such choice; pick one of the list.")
        ]
    return []


def _conditions(
    subject: Subject, conditions: object, choices: Choices, references: References
) -> list[Problem]:
    if conditions is None:
        return []
    if not isinstance(conditions, list | tuple):
        return [Problem("conditions", "Conditions are a list; give each a field, an operator and a value.")]
    if len(conditions) > MAX_CONDITIONS:
        many = f"This automation has {len(conditions):,} conditions; the most is {MAX_CONDITIONS}."
        return [Problem("conditions", many)]
    found = (_condition(subject, entry, choices, references) for entry in conditions)
    return [
        Problem(f"conditions.{place}{path}", sentence)
        for place, problem in enumerate(found)
        if problem
        for path, sentence in [problem]
    ]


def _condition(
    subject: Subject, data: object, choices: Choices, references: References
) -> tuple[str, str] | None:
    if not isinstance(data, Mapping):
        return "", "A condition is an object with a field, an operator and a value."
    if not data.get("field"):
        return ".field", "Choose the field this condition looks at, or remove the condition."
    field = subject.fields.get(_text(data.get("field")))
    if field is None:
        return ".field", f"{subject.plural} have no field {shown(data.get('field'))}; choose one of the list."
    return _operator(subject, field, data, choices, references)


def _operator(
    subject: Subject, field: Field, data: Mapping[str, object], choices: Choices, references: References
) -> tuple[str, str] | None:
    key = data.get("operator")
    offered = subject.operators_for(field)
    labels = _either([one.label for one in offered])
    if not key:
        return ".operator", f"Choose how to compare {_lower(field.label)}: {labels}."
    operator = OPERATORS.get(_text(key))
    if operator not in offered:
        label = f"“{operator.label}”" if operator else shown(key)
        return ".operator", f"{field.label} can’t be compared with {label}; choose {labels}."
    wrong = _value(field, operator, data.get("value"), choices, references)
    return (".value", wrong) if wrong else None


def _value(
    field: Field, operator: Operator, value: object, choices: Choices, references: References
) -> str | None:
    if not operator.needs_value:
        return None
    if value is None or value == "":
        return f"Give {_lower(field.label)} something to be compared with, or remove the condition."
    if not isinstance(value, str):
        return f"{field.label} needs its value as text, such as “40.00”, not {shown(value)}."
    try:
        parse(field.type, value)
    except InvalidValue as problem:
        return f"{'A tag' if field.type == 'tags' else field.label} {problem}."
    return _known(field, value, choices, references)


def _known(field: Field, value: str, choices: Choices, references: References) -> str | None:
    if field.choices and value not in choices(field.choices):
        return f"{field.label} has no choice {shown(value)}; pick one of the list."
    if field.reference and not references(field.reference, value):
        return f"There is no {field.reference} {shown(value)}; pick one of the list."
    return None


def _offered() -> str:
    return _either([subject.plural.lower() for subject in SUBJECTS.values() if subject.triggers])


def _either(labels: list[str]) -> str:
    return f"{', '.join(labels[:-1])} or {labels[-1]}" if len(labels) > 1 else "".join(labels)


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
