"""Conditions and actions are pasted into another automation; what does not fit there is named."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.engine.rules.condition_check import MAX_CONDITIONS
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.builder.clip.clipboard import COPIED, NOTHING, TOO_LARGE
from tests.kit import shop
from tests.kit.pages.plain_browser import PlainBrowser
from tests.web.building import an_automation, automation
from tests.web.pages import signed_in

CREATED = {"key": "created", "from": None, "to": None}
DELIVERY = shop.condition("fulfilment_method", "equals", "delivery")
LARGE = shop.condition("total", "greater_than", "100")
NAMED = shop.condition("customer.last_name", "equals", "Lind")
LINE = {"match": "line", "lines": "any", "conditions": [shop.condition("line.sku", "equals", "A")]}


@pytest.fixture
def plain(as_rosa: FlaskClient) -> PlainBrowser:
    return PlainBrowser(as_rosa)


def rule(store: Store, user: User, name: str, subject: str = "order", **data: Any) -> int:
    """Create a draft about a model."""
    return an_automation(store, user, name, subject=subject, trigger=CREATED, **data)


def saved(plain: PlainBrowser, id: int) -> dict[str, Any]:
    """Save the open automation and return its draft."""
    plain.press("Save")
    return automation(id).draft


def test_one_condition_is_pasted_into_another_automation(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    first = rule(bloom, rosa, "First", conditions=[DELIVERY, LARGE])
    second = rule(bloom, rosa, "Second", conditions=[NAMED])
    plain.goto(f"/automations/{first}")
    plain.press("Copy condition 2")
    assert COPIED in plain.words
    plain.goto(f"/automations/{second}")
    plain.press("Paste condition")
    assert saved(plain, second)["conditions"] == [NAMED, LARGE]


def test_all_conditions_with_their_groups_are_pasted(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    group = {"match": "any", "conditions": [DELIVERY, NAMED]}
    first = rule(bloom, rosa, "First", conditions=[LARGE, group, LINE])
    second = rule(bloom, rosa, "Second", conditions=[])
    plain.goto(f"/automations/{first}")
    plain.press("Copy all conditions")
    plain.goto(f"/automations/{second}")
    plain.press("Paste 4 conditions")
    assert saved(plain, second)["conditions"] == [LARGE, group, LINE]


def test_a_condition_inside_a_group_is_copied_alone(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    first = rule(bloom, rosa, "First", conditions=[{"match": "any", "conditions": [DELIVERY, NAMED]}])
    plain.goto(f"/automations/{first}")
    plain.press("Copy condition 1.2")
    plain.press("Paste condition")
    assert saved(plain, first)["conditions"][1] == NAMED


def test_what_the_other_model_lacks_is_left_out_and_said(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    group = {"match": "any", "conditions": [DELIVERY, NAMED]}
    first = rule(bloom, rosa, "First", conditions=[LARGE, DELIVERY, group, LINE])
    second = rule(bloom, rosa, "Second", "event", conditions=[])
    plain.goto(f"/automations/{first}")
    plain.press("Copy all conditions")
    plain.goto(f"/automations/{second}")
    plain.press("Paste 5 conditions")
    assert "The condition about “Fulfilment method” was left out: an event has no such field." in plain.words
    assert "The condition about items was left out: an event has no items." in plain.words
    assert saved(plain, second)["conditions"] == [LARGE, {"match": "any", "conditions": [NAMED]}]


def test_conditions_are_pasted_into_a_group_and_into_a_group_inside_it(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    inner = {"match": "all", "conditions": [NAMED]}
    id = rule(bloom, rosa, "First", conditions=[LARGE, {"match": "any", "conditions": [DELIVERY, inner]}])
    plain.goto(f"/automations/{id}")
    plain.press("Copy condition 1")
    plain.press("Paste condition into group 2")
    plain.press("Paste condition into group 2.2")
    inner = {"match": "all", "conditions": [NAMED, LARGE]}
    assert saved(plain, id)["conditions"] == [
        LARGE,
        {"match": "any", "conditions": [DELIVERY, inner, LARGE]},
    ]


def test_what_is_about_one_item_goes_only_into_an_item_condition(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    id = rule(bloom, rosa, "First", conditions=[LINE, LARGE])
    plain.goto(f"/automations/{id}")
    plain.press("Copy condition 1.1")
    plain.press("Paste condition")
    assert "it is about one item, so paste it into an item condition." in plain.words
    plain.press("Paste condition into group 1")
    plain.press("Copy condition 2")
    plain.press("Paste condition into group 1")
    assert "The condition about “Total” was left out: it is not about one item." in plain.words
    two = {**LINE, "conditions": LINE["conditions"] * 2}
    assert saved(plain, id)["conditions"] == [two, LARGE]


def test_groups_go_only_as_deep_as_they_may(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    inner = {"match": "all", "conditions": [NAMED, LARGE]}
    outer = {"match": "any", "conditions": [DELIVERY, inner]}
    id = rule(bloom, rosa, "First", conditions=[outer, LINE])
    plain.goto(f"/automations/{id}")
    plain.press("Copy group 1.2")
    plain.press("Paste 2 conditions into group 1.2")
    assert "The group was left out: a group may hold a group, but no deeper." in plain.words
    plain.press("Paste 2 conditions into group 2")
    assert "an item condition holds single conditions only." in plain.words
    plain.press("Copy group 2")
    plain.press("Paste condition into group 2")
    assert "The item condition was left out: it cannot be inside another." in plain.words
    plain.press("Paste condition into group 1.2")
    grown = {**inner, "conditions": [*inner["conditions"], LINE]}
    assert saved(plain, id)["conditions"] == [{**outer, "conditions": [DELIVERY, grown]}, LINE]


def test_an_action_is_pasted_with_its_texts_and_what_does_not_fit_is_said(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    timing = {"when": "date", "amount": "1", "unit": "days", "direction": "before", "field": "delivery_date"}
    text = {**shop.email_to(), "timing": {**timing, "recheck": True}}
    text["settings"] = {**text["settings"], "message": "Hello {{ customer.first_name }}, {{ order.number }}"}
    first = rule(bloom, rosa, "First", actions=[text])
    second = rule(bloom, rosa, "Second", "event", actions=[])
    plain.goto(f"/automations/{first}")
    plain.press("Copy action 1")
    plain.press("Paste “Send email”")
    assert saved(plain, first)["actions"] == [text, text]
    plain.goto(f"/automations/{second}")
    plain.press("Paste “Send email”")
    assert "The action follows straight away: an event has no “Delivery date” to count from." in plain.words
    assert "order.number" in plain.words
    (pasted,) = saved(plain, second)["actions"]
    assert pasted == {"kind": "send_email", "settings": text["settings"]}


def test_what_is_too_long_or_not_there_is_not_copied(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    noise = " ".join(f"{number * 7919 % 100_003:x}" for number in range(4000))
    long = {**shop.email_to(), "settings": {**shop.email_to()["settings"], "message": noise}}
    id = rule(bloom, rosa, "First", actions=[shop.email_to(), long])
    plain.goto(f"/automations/{id}")
    plain.press("Copy action 2")
    assert TOO_LARGE in plain.words and "Paste" not in plain.words
    plain.press("Copy action 1")
    plain.press("Copy action 2")
    assert TOO_LARGE in plain.words and "Paste “Send email”" in plain.words
    data = {"edit": "copy-action-7", **_form(plain)}
    assert NOTHING in plain.client.post(f"/automations/{id}/draft-form", data=data).text


def test_a_full_automation_takes_no_more(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    id = rule(bloom, rosa, "First", conditions=[LARGE] * MAX_CONDITIONS)
    plain.goto(f"/automations/{id}")
    plain.press("Copy condition 1")
    plain.press("Paste condition")
    assert "as many conditions as it may have: 100. Nothing was pasted." in plain.words
    assert len(saved(plain, id)["conditions"]) == MAX_CONDITIONS


def test_what_was_copied_stays_in_its_store_and_session(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    plain = PlainBrowser(signed_in(client, "rosa"))
    id = rule(bloom, rosa, "First", conditions=[LARGE, DELIVERY])
    plain.goto(f"/automations/{id}")
    plain.press("Copy condition 1")
    assert "Paste condition" in plain.words
    with client.session_transaction() as session:
        session["clip"] = {**session["clip"], "store": bloom.id + 1}
    plain.goto(f"/automations/{id}")
    assert "Paste condition" not in plain.words


def _form(plain: PlainBrowser) -> dict[str, str]:
    return {control.name: control.value for control in plain.page.controls if control.sent}
