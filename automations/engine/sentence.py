"""The whole automation in one plain sentence, also while it is only half built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.engine.operators import OPERATORS
from automations.engine.subject import Field, Subject, TriggerKind
from automations.engine.subjects import SUBJECTS
from automations.engine.words import Words, stored_words

#: A piece of the sentence, and whether it is set in strong type.
Part = tuple[str, bool]

_MISSING = "…"


def sentence(data: Mapping[str, Any], words: Words, actions: Sequence[str]) -> list[Part]:
    """The sentence of rule data in parts; "…" stands where something is still missing.

    `actions` are the actions' own summaries: "email the customer". Joined, the parts read "Every time an
    order’s payment status changes, if its total is over £40.00, email the customer."
    """
    subject = SUBJECTS.get(_text(data.get("subject")))
    parts = [*_when(subject, data.get("trigger"), words), *_if(subject, data.get("conditions"), words)]
    then = [*_listed([[(summary, True)] for summary in actions]), (".", False)] if actions else []
    return _merged([*parts, (", ", False), *(then or [(_MISSING, False)])])


def trigger_words(trigger: TriggerKind, from_value: str | None, to_value: str | None, words: Words) -> str:
    """A trigger as a phrase: "Payment status changed from Unpaid to Paid"."""
    return trigger.label + "".join(text for text, _ in _narrowed(trigger, from_value, to_value, words))


def text_of(parts: Sequence[Part]) -> str:
    """The sentence without its strong type."""
    return "".join(text for text, _ in parts)


def _when(subject: Subject | None, trigger: object, words: Words) -> list[Part]:
    if subject is None:
        return [("Every time ", False), (_MISSING, False)]
    noun = subject.label.lower()
    article = "an" if noun[0] in "aeiou" else "a"
    given = trigger if isinstance(trigger, Mapping) else {}
    kind = subject.triggers.get(_text(given.get("key")))
    if kind is None:
        return [(f"Every time {article} {noun} {_MISSING}", False)]
    narrowed = _narrowed(kind, given.get("from"), given.get("to"), words)
    return [(f"Every time {article} ", False), (f"{noun}{kind.phrase}", True), *narrowed]


def _narrowed(kind: TriggerKind, from_value: object, to_value: object, words: Words) -> list[Part]:
    parts: list[Part] = []
    for side, value in (("from", _text(from_value)), ("to", _text(to_value))):
        if value and kind.choices:
            parts += [(f" {side} ", False), (words.choice(kind.choices, value), True)]
    return parts


def _if(subject: Subject | None, conditions: object, words: Words) -> list[Part]:
    if not subject or not isinstance(conditions, Sequence) or isinstance(conditions, str) or not conditions:
        return []
    phrases = [
        _condition(subject, entry if isinstance(entry, Mapping) else {}, words) for entry in conditions
    ]
    return [(", if ", False), *_listed(phrases)]


def _condition(subject: Subject, data: Mapping[str, Any], words: Words) -> list[Part]:
    field = subject.fields.get(_text(data.get("field")))
    if field is None:
        return [(_MISSING, False)]
    return [(f"{field.phrase} ", False), *_comparison(field, data, words)]


def _comparison(field: Field, data: Mapping[str, Any], words: Words) -> list[Part]:
    operator = OPERATORS.get(_text(data.get("operator")))
    if operator is None:
        return [(_MISSING, False)]
    verb = operator.phrase(field.type)
    if not operator.needs_value:
        return [(verb, True)]
    value = stored_words(field, _text(data.get("value")), words)
    return [(f"{verb} ", False), (value, value != _MISSING)]


def _listed(phrases: list[list[Part]]) -> list[Part]:
    """The phrases joined by commas and one "and"."""
    parts = list(phrases[0])
    for place, phrase in enumerate(phrases[1:], start=2):
        parts += [(" and " if place == len(phrases) else ", ", False), *phrase]
    return parts


def _merged(parts: list[Part]) -> list[Part]:
    merged: list[Part] = []
    for text, strong in parts:
        if merged and merged[-1][1] == strong:
            merged[-1] = (merged[-1][0] + text, strong)
        else:
            merged.append((text, strong))
    return merged


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
