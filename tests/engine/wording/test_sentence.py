"""An automation in one sentence, finished or not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.sentence import sentence, text_of, trigger_words
from tests.engine.shop_words import ShopWords

_EMAIL = ["email the customer"]


def _condition(field: str, operator: str, value: str | None = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _data(*conditions: Any, subject: str = "order", **trigger: Any) -> dict[str, Any]:
    return {"subject": subject, "trigger": trigger, "conditions": list(conditions)}


def _text(data: dict[str, Any], actions: list[str] | None = None) -> str:
    return text_of(sentence(data, ShopWords(), _EMAIL if actions is None else actions))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_data(key="created"), "Every time an order is created, email the customer."),
        (_data(key="created", subject="event"), "Every time an event is created, email the customer."),
        (
            _data(key="status_changed", **{"from": "unconfirmed", "to": "confirmed"}),
            "Every time an order’s status changes from Unconfirmed to Confirmed, email the customer.",
        ),
        (
            _data(
                _condition("fulfilment_method", "equals", "delivery"),
                _condition("payment_status", "equals", "paid"),
                _condition("total", "greater_than", "40.00"),
                key="payment_status_changed",
            ),
            "Every time an order’s payment status changes, if its fulfilment method is Delivery, "
            "its payment status is Paid and its total is over £40.00, email the customer.",
        ),
        (
            _data(
                _condition("account", "is_empty"), _condition("tags", "not_contains", "vip"), key="created"
            ),
            "Every time an order is created, if its account is empty and its tags do not include vip, "
            "email the customer.",
        ),
        (
            _data(_condition("delivery_date", "at_least", "2026-11-24"), key="created"),
            "Every time an order is created, if its delivery date is on or after 24 Nov 2026, "
            "email the customer.",
        ),
        (
            _data(_condition("guests", "at_most", "120"), subject="event", key="created"),
            "Every time an event is created, if its number of guests is at most 120, email the customer.",
        ),
        (
            _data(_condition("account", "not_equals", "7"), key="created"),
            "Every time an order is created, if its account is not Grand Hotel, email the customer.",
        ),
    ],
)
def test_a_finished_automation_is_one_sentence(data: dict[str, Any], words: str) -> None:
    assert _text(data) == words


def test_several_actions_are_joined() -> None:
    words = _text(_data(key="created"), ["email the customer", "create a task", "notify the manager"])
    assert (
        words == "Every time an order is created, email the customer, create a task and notify the manager."
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Every time …, …"),
        ({"subject": "order"}, "Every time an order …, …"),
        ({"subject": "customer", "trigger": {"key": "moved"}}, "Every time a customer …, …"),
        (_data(key="created"), "Every time an order is created, …"),
        (_data({}, key="created"), "Every time an order is created, if …, …"),
        (_data(_condition("total", ""), key="created"), "Every time an order is created, if its total …, …"),
        (
            _data(_condition("total", "greater_than"), key="created"),
            "Every time an order is created, if its total is over …, …",
        ),
        (
            _data(_condition("total", "greater_than", "for"), key="created"),
            "Every time an order is created, if its total is over for, …",
        ),
    ],
)
def test_a_missing_part_of_a_draft_is_an_ellipsis(data: dict[str, Any], words: str) -> None:
    assert _text(data, []) == words


def test_the_choices_of_the_user_are_bold() -> None:
    data = _data(_condition("total", "greater_than", "40"), key="payment_status_changed", to="paid")
    assert sentence(data, ShopWords(), _EMAIL) == [
        ("Every time an ", False),
        ("order’s payment status changes", True),
        (" to ", False),
        ("Paid", True),
        (", if its total is over ", False),
        ("£40.00", True),
        (", ", False),
        ("email the customer", True),
        (".", False),
    ]


def test_a_trigger_alone_is_a_phrase() -> None:
    kind = SUBJECTS["order"].triggers["payment_status_changed"]
    assert trigger_words(kind, "unpaid", "paid", ShopWords()) == "Payment status changed from Unpaid to Paid"
    assert trigger_words(kind, None, "", ShopWords()) == "Payment status changed"


_ANY = st.recursive(
    st.none() | st.booleans() | st.sampled_from([*SUBJECTS, "created", "total", "equals", "40", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["key", "from", "to", "field", "operator", "value", "subject", "trigger", "conditions"]
            ),
            inner,
        )
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["subject", "trigger", "conditions"]), _ANY))
def test_no_draft_is_too_broken_for_a_sentence(data: dict[str, Any]) -> None:
    assert re.match(r"Every |When |Whenever |[0-9…]|On ", _text(data))
