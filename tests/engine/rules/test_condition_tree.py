"""Conditions and the list entries they name are found at any depth."""

from __future__ import annotations

from typing import Any

from automations.engine.fields.shared_fields import custom_field
from automations.engine.rules.condition_tree import choices_named, conditions_in

_STATUS = {"field": "status", "operator": "is_one_of", "value": ["picked", "ready"]}
_PAID = {"field": "payment_status", "operator": "equals", "value": "paid"}
_ON_LINE = {"field": "line.category", "operator": "equals", "value": "Bouquets"}
DATA: dict[str, Any] = {
    "subject": "order",
    "trigger": {
        "key": "stays_in_status",
        "schedule": {"status_field": "status", "status": "confirmed", "amount": "20", "unit": "days"},
    },
    "conditions": [
        _PAID,
        {"match": "any", "conditions": [{"match": "none", "conditions": [_STATUS]}, {}]},
        {"match": "line", "lines": "any", "conditions": [_ON_LINE]},
        "unfinished",
    ],
}


def test_each_condition_has_its_path() -> None:
    assert list(conditions_in(DATA)) == [
        ("conditions.0", _PAID),
        ("conditions.1.conditions.0.conditions.0", _STATUS),
        ("conditions.1.conditions.1", {}),
        ("conditions.2.conditions.0", _ON_LINE),
    ]


def test_entries_are_named_by_the_schedule_and_by_conditions_in_groups() -> None:
    assert list(choices_named(DATA)) == [
        ("order_status", "confirmed"),
        ("payment_status", "paid"),
        ("order_status", "picked"),
        ("order_status", "ready"),
    ]


def test_entries_are_named_by_a_trigger_and_by_fields_of_the_store() -> None:
    trigger = {"key": "field_changed", "field": "custom.colour", "to": "red", "from": None}
    data = {"subject": "order", "trigger": trigger, "conditions": None}
    colour = custom_field("colour", "Colour", "choice", choices="custom.colour")
    assert list(choices_named(data, {colour.key: colour})) == [("custom.colour", "red")]
    assert list(choices_named(data)) == []
    assert list(choices_named({"subject": ["order"]})) == []
