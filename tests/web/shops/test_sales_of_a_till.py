"""Sales of Lightspeed as its newer versions send them: states, discounts of lines, returns, what is void."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.sent_orders import Json, order, wrong
from tests.kit.shops import Shop
from tests.web.api.test_tills_and_payments import SALE

#: What is left of a sale's own fields when each case says the rest.
_BARE = {**SALE, "register_sale_products": [], "register_sale_payments": [], "total_tax": 0, "total_price": 0}


def line(name: str, quantity: Any, price: Any, **more: Any) -> Json:
    return {"product_id": name, "name": name, "quantity": quantity, "price": price, "tax": 0, **more}


def told(till: Shop, *outcomes: str, **changes: Any) -> str:
    """Send a sale with these changes; return the sentence about it."""
    sale = {**_BARE, **changes}
    answer = till.send(urlencode({"type": "sale.update", "payload": json.dumps(sale)}).encode())
    said: Json = answer.json or {}
    assert (answer.status_code, said["outcome"]) == (200, outcomes[0] if outcomes else "taken"), answer.text
    return str(said["detail"])


@pytest.fixture
def till(app: Flask) -> Shop:
    return Shop(app, "lightspeed")


@pytest.mark.parametrize(
    ("state", "attributes", "status", "method"),
    [
        ("parked", [], "unconfirmed", None),
        ("pending", [], "unconfirmed", None),
        ("pending", ["layby"], "confirmed", None),
        ("pending", ["onaccount", "delivery"], "confirmed", "delivery"),
        ("pending", ["layby", "pickup"], "ready_for_fulfilment", "collection"),
        ("closed", ["delivery"], "with_courier", "delivery"),
        ("closed", ["pickup"], "fulfilled", "collection"),
        ("closed", ["something new"], "fulfilled", None),
        ("closed", None, "fulfilled", None),
        ("voided", ["layby"], "cancelled", None),
    ],
)
def test_a_newer_sale_has_a_state_in_place_of_a_status(
    till: Shop, state: str, attributes: list[str] | None, status: str, method: str | None
) -> None:
    told(till, status=None, state=state, attributes=attributes)
    assert (order().status, order().fulfilment_method) == (status, method)


def test_a_status_that_is_there_counts_and_one_nobody_knows_waits_for_its_meaning(till: Shop) -> None:
    told(till, status="AWAITING_PICKUP", state="pending", register_sale_attributes=["pickup"])
    assert (order().status, order().fulfilment_method) == ("ready_for_fulfilment", "collection")
    told(till, "unchanged", status="ON_THE_MOON", state="closed", version=6)
    assert order().status == "ready_for_fulfilment"


REDUCED: dict[str, tuple[Json, Json]] = {
    "discounts of several lines, off their prices already, before tax": (
        {
            "total_price": 34.5,
            "total_tax": 6.9,
            "register_sale_products": [
                line("Roses", 2, 9, tax=1.8, discount=1),
                line("Vase", 1, 7.5, tax=1.5, discount=2.5),
                line("Card", 3, 3, tax=0.6, discount=0),
            ],
            "register_sale_payments": [{"amount": 41.4}],
        },
        {
            "total": "41.40",
            "discount": "5.40",
            "lines": [{"unit_price": "12.00"}, {"unit_price": "12.00"}, {"unit_price": "3.60"}],
            "payment_status": "paid",
        },
    ),
    "the same in the words of the newer version": (
        {
            "total_price": "18.00",
            "register_sale_products": None,
            "line_items": [
                {
                    "name": "Roses",
                    "quantity": "2",
                    "unit_price": "9.00",
                    "unit_tax": "0",
                    "unit_discount": "1.00",
                }
            ],
        },
        {"total": "18.00", "discount": "2.00", "lines": [{"unit_price": "10.00"}]},
    ),
    "a discount that is not off the price yet": (
        {"total_price": 16, "register_sale_products": [line("Roses", 2, 10, discount_total=4)]},
        {"total": "16.00", "discount": "4.00", "lines": [{"unit_price": "10.00"}]},
    ),
    "all of it taken off": (
        {"total_price": 0, "register_sale_products": [line("Roses", 1, 0, discount=10)]},
        {"total": "0", "discount": "10.00", "lines": [{"unit_price": "10.00"}], "payment_status": "paid"},
    ),
    "what comes back is worth what was paid for it": (
        {
            "total_price": -9,
            "return_for": "0adfd74a-first",
            "register_sale_products": [line("Roses", -1, 9, discount=1)],
            "register_sale_payments": [{"amount": -9}],
        },
        {"total": "-9.00", "discount": "0", "lines": [{"unit_price": "9.00", "quantity": -1}]},
    ),
    "a line and a payment that were deleted": (
        {
            "total_price": 9,
            "register_sale_products": [
                line("Roses", 1, 9),
                line("Vase", 1, 5, deleted_at="2026-11-21 15:00:00"),
            ],
            "register_sale_payments": [{"amount": 4}, {"amount": 9, "deleted_at": "2026-11-21 15:00:00"}],
        },
        {
            "total": "9.00",
            "amount_paid": "4.00",
            "lines": [{"name": "Roses"}],
            "payment_status": "partially_paid",
        },
    ),
    "sums only as totals": (
        {"total_price": None, "total_tax": None, "totals": {"total_price": "20.00", "total_tax": "4.00"}},
        {"total": "24.00", "tax": "4.00", "payment_status": "unpaid"},
    ),
}


@pytest.mark.parametrize("case", REDUCED.values(), ids=REDUCED)
def test_a_sale_with_discounts_adds_up(till: Shop, client: FlaskClient, case: tuple[Json, Json]) -> None:
    told(till, **case[0])
    assert wrong(client, case[1]) == {}
    kept = order()
    goods = sum(float(one["unit_price"]) * float(one["quantity"]) for one in kept.lines)
    if kept.lines:
        assert round(goods - float(kept.discount), 2) == float(kept.total)


def test_a_return_that_is_parked_has_given_nothing_back_yet(till: Shop) -> None:
    back = {"return_for": "first", "total_price": -20, "register_sale_products": [line("Vase", -2, 10)]}
    told(till, status="SAVED", state="parked", **back)
    assert (order().payment_status, order().status) == ("unpaid", "unconfirmed")
    told(till, version=6, register_sale_payments=[{"amount": -5}], **back)
    assert order().payment_status == "partially_paid"
    told(till, version=7, register_sale_payments=[{"amount": -20}], **back)
    assert (order().payment_status, order().amount_paid, order().balance_due) == ("paid", -20, 0)


def test_a_lay_by_is_paid_in_parts_and_its_messages_may_come_in_any_order(till: Shop) -> None:
    goods = {"total_price": 24, "register_sale_products": [line("Roses", 2, 12)]}
    parts = [{"amount": 4}, {"amount": 8}, {"amount": 12}]
    told(till, version=2, status="LAYBY", register_sale_payments=parts[:1], **goods)
    assert (order().payment_status, order().balance_due) == ("partially_paid", 20)
    told(till, version=4, status="LAYBY_CLOSED", register_sale_payments=parts, **goods)
    told(till, "older", version=3, status="LAYBY", register_sale_payments=parts[:2], **goods)
    kept = order()
    assert (kept.status, kept.payment_status, kept.amount_paid, kept.balance_due) == (
        "fulfilled",
        "paid",
        24,
        0,
    )


def test_a_sale_that_was_paid_and_then_made_void_keeps_no_money(till: Shop) -> None:
    goods = {"total_price": 24, "register_sale_products": [line("Roses", 2, 12)]}
    told(till, register_sale_payments=[{"amount": 24}], **goods)
    told(till, version=6, status="VOIDED", register_sale_payments=[{"amount": 24}], **goods)
    kept = order()
    assert (kept.status, kept.payment_status, kept.amount_paid) == ("cancelled", "void", 0)


def test_a_sale_that_was_deleted_is_cancelled(till: Shop) -> None:
    told(till, status="SAVED")
    assert "was deleted in the shop" in told(till, deleted_at="2026-11-21 15:00:00", version=6)
    assert (order().status, order().tags) == ("cancelled", ["deleted in shop"])
    assert db.session.query(Order).count() == 1
