"""What is removed from a rule on the page can be put back at once, in its place, with nothing else lost."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.builder.clip.removed_rows import GONE
from tests.kit import shop
from tests.kit.pages.plain_browser import PlainBrowser
from tests.web.building import an_automation, automation

DELIVERY = shop.condition("fulfilment_method", "equals", "delivery")
LARGE = shop.condition("total", "greater_than", "100")
NAMED = shop.condition("customer.last_name", "equals", "Lind")
LINE = {"match": "line", "lines": "any", "conditions": [shop.condition("line.sku", "equals", "A")]}
GROUP = {"match": "any", "conditions": [DELIVERY, NAMED]}
RULE: list[dict[str, Any]] = [GROUP, LARGE, LINE]


@pytest.fixture
def plain(as_rosa: FlaskClient) -> PlainBrowser:
    return PlainBrowser(as_rosa)


def opened(plain: PlainBrowser, store: Store, user: User, **data: Any) -> int:
    id = an_automation(store, user, **data)
    plain.goto(f"/automations/{id}")
    return id


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ("Remove condition 2", "Condition removed."),
        ("Remove condition 1.1", "Condition removed."),
        ("Remove condition 3.1", "Condition removed."),
        ("Remove group 1", "Group with 2 conditions removed."),
        ("Remove group 3", "Item condition removed."),
    ],
)
def test_a_condition_comes_back_in_its_place(
    plain: PlainBrowser, bloom: Store, rosa: User, button: str, said: str
) -> None:
    id = opened(plain, bloom, rosa, conditions=RULE)
    plain.press(button)
    assert said in plain.words
    plain.press(f"Undo: {said}")
    assert " is back." in plain.words and said not in plain.words
    plain.press("Save")
    assert automation(id).draft["conditions"] == RULE


def test_what_was_done_since_stays(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    id = opened(plain, bloom, rosa, conditions=RULE, actions=[shop.email_to(), shop.email_to("manager")])
    plain.press("Remove action 1")
    plain.put("Message", "Typed since")
    plain.press("Undo: “Send email” removed.")
    plain.press("Save")
    first, second = automation(id).draft["actions"]
    assert first == shop.email_to()
    assert second["settings"]["message"] == "Typed since"


def test_the_texts_of_a_language_come_back(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    action = shop.email_to()
    german = {"subject": "Danke", "message": "Wir haben es."}
    action["settings"] |= {"languages": {"de": german, "fr": {"subject": "Merci", "message": "Oui."}}}
    id = opened(plain, bloom, rosa, actions=[action])
    plain.press("Remove the texts in German")
    plain.press("Undo: The text in German removed.")
    plain.press("Save")
    (kept,) = automation(id).draft["actions"]
    assert list(kept["settings"]["languages"]) == ["de", "fr"]
    assert kept["settings"]["languages"]["de"] == german


def test_what_the_page_did_not_remove_is_not_put_in(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    id = opened(plain, bloom, rosa, conditions=RULE)
    for sealed in ("", "forged", "eyJub2RlIjp7fX0.forged"):
        form = {control.name: control.value for control in plain.page.controls if control.sent}
        data = form | {"edit": "put-back-condition-0", "removed": sealed}
        answer = plain.client.post(f"/automations/{id}/draft-form", data=data)
        assert answer.status_code == 200 and GONE in answer.text


def test_a_segment_gets_its_condition_back(plain: PlainBrowser) -> None:
    plain.goto("/segments/new")
    plain.put("Condition 1 field", "Last name")
    plain.put("Condition 1 operator", "equals")
    plain.put("Condition 1 value", "Lind")
    plain.press("Remove condition 1")
    assert "No conditions: every customer belongs to it." in plain.words
    plain.press("Undo: Condition removed.")
    assert "The condition is back." in plain.words
    assert plain.value("Condition 1 value") == "Lind"
