"""What a draft changes is said clause by clause."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.features.rollout.clause_changes import ClauseChange, clause_changes
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from tests.kit.shop import condition, email_to

pytestmark = pytest.mark.usefixtures("app")

OVER_60 = condition("total", "greater_than", "60.00")
PAID = condition("payment_status", "equals", "paid")
NO_VIP = condition("customer.tags", "not_contains", "vip")


def data(
    *conditions: dict[str, Any], actions: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    trigger = {"key": "payment_status_changed", "from": None, "to": None}
    told = actions if actions is not None else [email_to()]
    return {"subject": "order", "trigger": trigger, "conditions": list(conditions), "actions": told} | more


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[ClauseChange]:
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    return clause_changes(StoreWords(db.session(), store), before, after)


def said(found: list[ClauseChange]) -> list[tuple[str, str]]:
    """Return each change with its clause, removed words in [] and added ones in {}."""
    marks = {"added": "{%s}", "removed": "[%s]"}
    return [
        (one.kind, "".join(marks.get(kind, "%s") % text.strip() + " " for kind, text in one.clause).strip())
        for one in found
    ]


def test_a_changed_value_an_added_and_a_removed_condition() -> None:
    over_40 = condition("total", "greater_than", "40.00")
    assert said(changes(data(OVER_60, PAID), data(over_40, PAID))) == [
        ("changed", "its total is over [£60.00] {£40.00}")
    ]
    assert said(changes(data(PAID), data(PAID, OVER_60))) == [("added", "{its total is over £60.00}")]
    assert said(changes(data(PAID, OVER_60), data(PAID))) == [("removed", "[its total is over £60.00]")]


def test_conditions_in_another_order_are_moved_not_changed() -> None:
    assert said(changes(data(PAID, OVER_60), data(OVER_60, PAID))) == [
        ("moved", "the order of the conditions")
    ]


def test_a_changed_message_is_compared_word_by_word() -> None:
    before = data(actions=[email_to(message="Hello,\nwe have your order, thank you.")])
    after = data(actions=[email_to(message="Hello,\nwe have your payment, thank you.")])
    (change,) = changes(before, after)
    assert change.clause == [("same", "the message of “send email”")]
    assert ("removed", " order") in change.text and ("added", " payment") in change.text


def test_another_recipient_is_said_once_and_not_by_its_settings_too() -> None:
    found = changes(data(actions=[email_to()]), data(actions=[email_to("manager")]))
    assert [one.kind for one in found] == ["changed"]


def test_an_added_action_and_a_limit() -> None:
    task = {"title": "Wrap", "assignee": "manager", "due_from": "", "priority": "low"}
    after = data(
        actions=[email_to(), {"kind": "create_task", "settings": task}], caps={"once_per_record": True}
    )
    kinds = said(changes(data(), after))
    assert [kind for kind, _ in kinds] == ["added", "added"]
    assert kinds[1][1] == "{At most once for each order.}"


RULES = st.lists(st.sampled_from([OVER_60, PAID, NO_VIP]), max_size=3, unique_by=str)


@settings(max_examples=40, deadline=None)
@given(RULES, RULES)
def test_nothing_differs_exactly_if_the_rules_are_the_same(one: list[Any], two: list[Any]) -> None:
    before, after = data(*one), deepcopy(data(*two))
    found = changes(before, after)
    assert (found == []) == (one == two)
    counts = [change.kind for change in found]
    assert len(two) - len(one) == counts.count("added") - counts.count("removed")


def test_the_attached_order_is_said_beside_another_recipient() -> None:
    before, after = email_to(), email_to("manager")
    after["settings"] |= {"order_pdf": "pdf", "cc": "a@shop.example"}
    found = said(changes(data(actions=[before]), data(actions=[after])))
    assert ("changed", "“attach the order” of “send email”: [no] {as a PDF}") in found
    assert ("changed", "“copy to” of “send email”: {a@shop.example}") in found
