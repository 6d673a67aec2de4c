"""Replace what no longer fits after the reader changed the trigger, a field or an operator."""

from __future__ import annotations

from typing import Any

from automations.engine.fields.subject import Subject, TriggerKind
from automations.engine.operators.operators import OPERATORS
from automations.engine.rules.condition_tree import conditions_in
from automations.models.settings.choices import StoreWords
from automations.web.builder import late_controls, timing_controls
from automations.web.builder.field_options import fields_of, subject_of
from automations.web.builder.form_data import DrawnState
from automations.web.builder.schedule_controls import initial_schedule, with_day
from automations.web.builder.trigger_block import narrowed_by
from automations.web.builder.value_parsing import refit_value

Data = dict[str, Any]


def refit(data: Data, shown: DrawnState, words: StoreWords) -> Data:
    """Return `data` itself, changed in place where another trigger, field or operator was chosen."""
    subject = subject_of(data["subject"], words)
    if subject is None:
        return data
    _refit_trigger(data["trigger"], subject, shown, words)
    for path, condition in conditions_in(data):
        _refit(as_dict(condition), subject, shown.fields.get(path), words)
    for action in data["actions"]:
        if action.get("timing"):
            action["timing"] = timing_controls.with_defaults(action["timing"], subject)
    return data


def as_dict(condition: Any) -> Data:
    """Return the condition itself, typed as the mutable dict it is in a draft."""
    data: Data = condition
    return data


def _refit_trigger(trigger: Data, subject: Subject, shown: DrawnState, words: StoreWords) -> None:
    kind = subject.triggers.get(trigger["key"] or "")
    if kind is None or shown.trigger is None:
        return
    if shown.trigger != kind.key:
        _change_kind(trigger, subject, kind)
    if shown.trigger != kind.key or kind.needs_field:
        allowed = {key for key, _ in narrowed_by(subject, kind, trigger.get("field"), words)}
        trigger |= {side: trigger[side] if trigger[side] in allowed else None for side in ("from", "to")}
    if kind.schedule:
        trigger["schedule"] = late_controls.with_limit(with_day(trigger.get("schedule") or {}))


def _change_kind(trigger: Data, subject: Subject, kind: TriggerKind) -> None:
    if not kind.needs_field:
        trigger.pop("field", None)
    before = trigger.pop("schedule", None) or {}
    if kind.schedule:
        start = initial_schedule(kind.schedule, subject)
        trigger["schedule"] = start | {key: before[key] for key in start if before.get(key)}


def _refit(condition: Data, subject: Subject, before: str | None, words: StoreWords) -> None:
    key = condition["field"] or ""
    field = fields_of(subject, key in subject.line_fields).get(key)
    if field is None or before is None:
        return
    if before != key:
        offered = [operator.key for operator in subject.operators_for(field)]
        if condition["operator"] not in offered:
            condition["operator"] = offered[0]
        operator = OPERATORS[condition["operator"]]
        condition["value"] = refit_value(field, operator, condition["value"], words)
