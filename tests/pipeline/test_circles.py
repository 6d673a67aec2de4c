"""Circles are named before they run: an automation that starts itself, or another that starts it again."""

from __future__ import annotations

from typing import Any

import pytest

from automations.pipeline.circles import changes_anything, circles


def rule(
    trigger: str, target: str = "", value: str = "", subject: str = "order", **more: Any
) -> dict[str, Any]:
    actions = [{"kind": "change_data", "settings": {"field": target, "value": value}}] if target else []
    start = {"key": trigger, "from": None, "to": None, **more}
    return {"subject": subject, "trigger": start, "conditions": [], "actions": actions}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (rule("status_changed", "status", "Picked"), "Setting the status may start this automation again."),
        (rule("field_changed", "note", "x"), "Adding to the note may start this automation again."),
        (
            rule("field_changed", "tags.add", "x", field="tags"),
            "Adding a tag may start this automation again.",
        ),
        (rule("carrier_changed", "tracking_number", "1"), "Setting the tracking number may start"),
        (rule("field_changed", "customer.note", "x", "customer"), "Adding to the customer’s note may start"),
    ],
)
def test_an_automation_that_starts_itself_is_told(data: dict[str, Any], said: str) -> None:
    (sentence,) = circles("Mine", data)
    assert sentence.startswith(said.rstrip("."))


@pytest.mark.parametrize(
    "data",
    [
        rule("created", "status", "Picked"),
        rule("status_changed", "payment_status", "Paid"),
        rule("status_changed", "status", "Ready for Fulfilment", to="confirmed"),
        rule("field_changed", "status", "Picked", field="total"),
        rule("field_changed", "customer.note", "x"),
        rule("field_changed"),
    ],
)
def test_what_it_does_not_listen_to_is_no_circle(data: dict[str, Any]) -> None:
    assert circles("Mine", data) == []


def test_a_circle_through_another_automation_is_drawn() -> None:
    mine = rule("status_changed", "payment_status", "Paid")
    other = rule("payment_status_changed", "status", "Picked")
    (sentence,) = circles("Mine", mine, [("Theirs", other), ("Far", rule("created", "note", "x"))])
    assert sentence.endswith("Mine → Theirs → Mine.")
    assert changes_anything(mine) and not changes_anything(rule("created"))
