"""Every condition of rule data, without its groups, complete or not; and the list entries it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from automations.engine.fields.problem import text
from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_check import MAX_DEPTH, is_group


def conditions_in(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each condition with its path ("conditions.1.conditions.0"), including those on lines."""
    yield from _conditions(data.get("conditions"), "conditions", MAX_DEPTH + 1)


def choices_named(
    data: Mapping[str, Any], custom: Mapping[str, Field] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield (list, key) of each entry of the store's lists that the trigger and the conditions name."""
    subject = SUBJECTS.get(text(data.get("subject")))
    if subject is None:
        return
    subject = subject.with_custom(custom)
    trigger = data.get("trigger")
    yield from _of_trigger(subject, trigger if isinstance(trigger, Mapping) else {})
    for _, condition in conditions_in(data):
        field = subject.fields.get(text(condition.get("field")))
        if field and field.choices:
            yield from ((field.choices, key) for key in _texts(condition.get("value")))


def _conditions(nodes: object, path: str, deeper: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(nodes, Sequence) or isinstance(nodes, str):
        return
    for place, node in enumerate(nodes):
        if is_group(node) and deeper:
            yield from _conditions(node.get("conditions"), f"{path}.{place}.conditions", deeper - 1)
        elif isinstance(node, Mapping):
            yield f"{path}.{place}", node


def _of_trigger(subject: Subject, trigger: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = subject.triggers.get(text(trigger.get("key")))
    if kind is None:
        return
    field = subject.fields.get(text(trigger.get("field"))) if kind.needs_field else None
    list_key = field.choices if field else kind.choices
    if list_key:
        yield from ((list_key, key) for side in ("from", "to") for key in _texts(trigger.get(side)))
    schedule = trigger.get("schedule")
    if kind.schedule == "stays_in_status" and isinstance(schedule, Mapping):
        stays_in = subject.fields.get(text(schedule.get("status_field")))
        if stays_in and stays_in.choices:
            yield from ((stays_in.choices, key) for key in _texts(schedule.get("status")))


def _texts(value: object) -> list[str]:
    listed = value if isinstance(value, list | tuple) else [value]
    return [item for item in listed if isinstance(item, str) and item]
