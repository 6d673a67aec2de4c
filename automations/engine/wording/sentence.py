"""The whole automation in one plain sentence, even if it is incomplete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.engine.fields.problem import text
from automations.engine.fields.subject import Field, Subject, TriggerKind
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.condition_phrases import node_parts
from automations.engine.wording.sentence_parts import Part, listed, merged, text_of
from automations.engine.wording.trigger_phrase import named_field, narrowed_parts, schedule_words, when_parts
from automations.engine.wording.value_phrases import MISSING, Words

__all__ = ["Part", "sentence", "text_of", "trigger_words"]


def sentence(
    data: Mapping[str, Any],
    words: Words,
    actions: Sequence[str],
    custom: Mapping[str, Field] | None = None,
) -> list[Part]:
    """Return the sentence of rule data in parts, with "…" for anything missing.

    `actions` are the actions' own summaries: "email the customer", `custom` the store's own fields by key.
    Joined, the parts read "Every time an order’s payment status changes, if its total is over £40.00, email
    the customer."
    """
    subject = SUBJECTS.get(text(data.get("subject")))
    if subject:
        subject = subject.with_custom(custom)
    parts = [*when_parts(subject, data.get("trigger"), words), *_if(subject, data.get("conditions"), words)]
    then = [*listed([[(summary, True)] for summary in actions]), (".", False)] if actions else []
    return merged([*parts, (", ", False), *(then or [(MISSING, False)])])


def trigger_words(
    trigger: TriggerKind,
    from_value: str | None,
    to_value: str | None,
    words: Words,
    subject: Subject | None = None,
    data: Mapping[str, Any] | None = None,
) -> str:
    """Return a trigger as a phrase: "Payment status changed from Unpaid to Paid".

    With the subject and the trigger's data it also names the field, the schedule or the segment.
    """
    trigger_data = {**(data or {}), "from": from_value, "to": to_value}
    field = named_field(subject, trigger, trigger_data)
    label = f"{field.label} changed" if field else trigger.label
    schedule = trigger_data.get("schedule")
    if trigger.schedule and subject and isinstance(schedule, Mapping):
        phrase = schedule_words(subject, trigger.schedule, schedule, words)
        return f"{label}: {phrase[:1].lower() + phrase[1:] if trigger.schedule == 'scheduled' else phrase}"
    if trigger.segment and not trigger_data.get(trigger.segment):
        return label
    if trigger.segment:
        label = label.replace(" a ", " the ")
    return label + text_of(narrowed_parts(subject, trigger, trigger_data, words))


def _if(subject: Subject | None, conditions: object, words: Words) -> list[Part]:
    if not subject or not isinstance(conditions, Sequence) or isinstance(conditions, str) or not conditions:
        return []
    return [(", if ", False), *listed([node_parts(subject, entry, words) for entry in conditions])]
