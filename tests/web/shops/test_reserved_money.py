"""Stripe's payments told apart from their session, in any order: reserved money, refunds before the order."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit import shop
from tests.kit.sent_orders import Json, order, sent, wrong
from tests.kit.shop_apis import PlayedApi
from tests.kit.shops import Shop
from tests.web.api.test_tills_and_payments import SESSION, event

UNPAID = {**SESSION, "payment_status": "unpaid"}
CHARGE = {"id": "ch_1", "payment_intent": "pi_test_0001", "currency": "gbp", "amount": 4540}
#: The clock of Stripe: minutes after the session was completed.
_START = 1795270800


@pytest.fixture
def stripe(app: Flask) -> Shop:
    return Shop(app, "stripe")


def tell(stripe: Shop, minute: int, about: str, what: Json, outcome: str = "taken", **before: Any) -> str:
    """Tell what happened in a minute; `before` are the values that it changed."""
    data = {"object": what, "previous_attributes": before} if before else {"object": what}
    return sent(stripe, event(about, data, f"evt_{about}_{minute}", _START + 60 * minute), outcome)


def completed(stripe: Shop, session: Json = SESSION, outcome: str = "taken") -> str:
    return tell(stripe, 0, "checkout.session.completed", session, outcome)


def money() -> tuple[str, str, str, str, str]:
    kept = order()
    amounts = (kept.total, kept.amount_paid, kept.amount_refunded, kept.balance_due)
    total, paid, refunded, due = (f"{amount:.2f}" for amount in amounts)
    return str(kept.payment_status), total, paid, refunded, due


def test_money_that_was_reserved_is_paid_when_it_is_taken(stripe: Shop) -> None:
    shop.publish_automation("Paid", "payment_status_changed", after="paid")
    completed(stripe, UNPAID)
    assert money() == ("unpaid", "45.40", "0.00", "0.00", "45.40") and shop.runs() == []
    tell(stripe, 60, "charge.captured", {**CHARGE, "captured": True, "amount_captured": 4540})
    assert money() == ("paid", "45.40", "45.40", "0.00", "0.00")
    assert len(shop.runs()) == 1
    tell(stripe, 61, "charge.captured", {**CHARGE, "captured": True, "amount_captured": 4540}, "unchanged")


def test_of_money_that_is_taken_in_part_the_rest_is_due_and_refunds_come_off_what_was_taken(
    stripe: Shop,
) -> None:
    completed(stripe, UNPAID)
    taken = {**CHARGE, "captured": True, "amount_captured": 3000}
    tell(stripe, 60, "charge.captured", taken)
    assert money() == ("partially_paid", "45.40", "30.00", "0.00", "15.40")
    tell(stripe, 90, "charge.refunded", {**taken, "amount_refunded": 500}, amount_refunded=0)
    assert money() == ("partially_refunded", "40.40", "25.00", "5.00", "15.40")


@pytest.mark.parametrize(
    ("about", "what", "status"),
    [
        ("charge.expired", {**CHARGE, "captured": False, "amount_captured": 0}, "expired"),
        ("payment_intent.canceled", {"id": "pi_test_0001", "status": "canceled"}, "void"),
    ],
)
def test_reserved_money_that_is_let_go_will_not_be_paid(
    stripe: Shop, about: str, what: Json, status: str
) -> None:
    completed(stripe, UNPAID)
    assert "nothing will be paid" in tell(stripe, 600, about, what)
    assert money()[:3] == (status, "45.40", "0.00")
    assert "came late" in tell(stripe, 500, "charge.captured", {**CHARGE, "amount_captured": 4540}, "older")
    assert money()[0] == status


def test_news_of_a_payment_that_belongs_to_no_order_makes_none(stripe: Shop) -> None:
    for about, what in (
        ("charge.captured", {**CHARGE, "amount_captured": 4540}),
        ("charge.captured", {**CHARGE, "payment_intent": None}),
        ("payment_intent.canceled", {"id": "pi_other"}),
        ("charge.refunded", {**CHARGE, "payment_intent": None, "amount_refunded": 100}),
    ):
        tell(stripe, 1, about, what, "not taken")
    assert db.session.query(Order).count() == 0


def test_refunds_that_come_before_their_order_are_taken_off_it(stripe: Shop) -> None:
    first = {**CHARGE, "amount_refunded": 540}
    assert "taken off it" in tell(stripe, 60, "charge.refunded", first, "not taken", amount_refunded=0)
    tell(stripe, 61, "charge.refunded", first, "not taken", amount_refunded=0)
    completed(stripe)
    assert money() == ("partially_refunded", "40.00", "40.00", "5.40", "0.00")
    tell(stripe, 62, "charge.refunded", first, "unchanged", amount_refunded=0)
    rest = {**CHARGE, "amount_refunded": 4540}
    tell(stripe, 90, "charge.refunded", rest, amount_refunded=540)
    assert money() == ("refunded", "0.00", "0.00", "45.40", "0.00")


def test_a_message_that_comes_after_a_refund_does_not_undo_it(stripe: Shop) -> None:
    completed(stripe, UNPAID)
    tell(stripe, 90, "charge.refunded", {**CHARGE, "amount_refunded": 540}, amount_refunded=0)
    # Stripe tried this one again for hours.
    tell(stripe, 30, "checkout.session.async_payment_succeeded", SESSION)
    assert money() == ("partially_refunded", "40.00", "40.00", "5.40", "0.00")


def test_the_second_of_two_refunds_may_come_first(stripe: Shop) -> None:
    completed(stripe)
    tell(stripe, 61, "charge.refunded", {**CHARGE, "amount_refunded": 4540}, amount_refunded=540)
    tell(stripe, 60, "charge.refunded", {**CHARGE, "amount_refunded": 540}, amount_refunded=0)
    assert money() == ("refunded", "0.00", "0.00", "45.40", "0.00")


FETCHED: dict[str, tuple[Json, Json, Json]] = {
    "money that is only reserved": (
        {"payment_status": "unpaid"},
        {"captured": False, "amount_captured": 0, "amount_refunded": 0},
        {"payment_status": "unpaid", "amount_paid": "0", "balance_due": "45.40"},
    ),
    "money that was taken since": (
        {"payment_status": "unpaid"},
        {"captured": True, "amount_captured": 4540, "amount_refunded": 0},
        {"payment_status": "paid", "amount_paid": "45.40", "balance_due": "0"},
    ),
    "a part that was taken, and the rest let go": (
        {},
        {"captured": True, "amount_captured": 3000, "amount_refunded": 1540},
        {"payment_status": "partially_paid", "amount_paid": "30", "amount_refunded": "0", "total": "45.40"},
    ),
    "two refunds": (
        {},
        {"captured": True, "amount_captured": 4540, "amount_refunded": 1040},
        {
            "payment_status": "partially_refunded",
            "amount_paid": "35",
            "amount_refunded": "10.40",
            "total": "35",
        },
    ),
}


@pytest.mark.parametrize("case", FETCHED.values(), ids=FETCHED)
def test_what_is_fetched_says_what_became_of_the_money(
    stripe: Shop, client: FlaskClient, api: PlayedApi, case: tuple[Json, Json, Json]
) -> None:
    session, path = {**SESSION, **case[0]}, f"/v1/checkout/sessions/{SESSION['id']}"
    api.answers = {
        path: session,
        f"{path}/line_items?limit=100": {"data": []},
        "/v1/payment_intents/pi_test_0001?expand%5B%5D=latest_charge": {
            "latest_charge": {**CHARGE, **case[1]}
        },
    }
    stripe.may_ask(api.site)
    completed(stripe, session, "waiting")
    assert stripe.fetch() == 1
    assert wrong(client, case[2]) == {}


def test_parts_of_a_session_may_be_there_as_a_whole(stripe: Shop, client: FlaskClient) -> None:
    whole = {
        **SESSION,
        "payment_intent": {"id": "pi_test_0001", "object": "payment_intent"},
        "customer": {"id": "cus_1", "object": "customer"},
        "line_items": {
            "data": [{"id": "li_1", "description": "Posy", "quantity": 2, "amount_subtotal": 4000}]
        },
    }
    completed(stripe, whole)
    expected = {"number": "pi_test_0001", "lines": [{"name": "Posy", "quantity": 2, "unit_price": "20.00"}]}
    assert wrong(client, expected) == {}
    refund = {**CHARGE, "payment_intent": {"id": "pi_test_0001"}, "amount_refunded": 540}
    tell(stripe, 60, "charge.refunded", refund, amount_refunded=0)
    assert money()[0] == "partially_refunded"
