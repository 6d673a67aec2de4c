"""What an order of Square's says, by its state, its fulfilments and its payments."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from automations.connectors.sources.payload import json_object
from automations.connectors.sources.shop_messages import (
    NotTaken,
    ShopCustomer,
    ShopOrder,
    ShopRequest,
    ToFetch,
)
from automations.connectors.sources.square import read
from automations.connectors.sources.square_orders import order_of
from automations.connectors.sources.square_payments import money, order_of_payment
from tests.kit.shops import payload

PICK_UP = {"type": "PICKUP"}
SHIPPED = {"type": "SHIPMENT", "state": "COMPLETED", "shipment_details": {"tracking_number": "SQ1"}}
ORDER = ToFetch("order", "O")
GBP = {"currency": "GBP"}
DONE = {"status": "COMPLETED"}


def fetched(**changes: Any) -> dict[str, Any]:
    return {**payload("square-order-fetched.json")["order"], **changes}


def words(order: ShopOrder) -> dict[str, str]:
    return {word.kind: word.ours[0].partition("=")[2] if word.ours else "" for word in order.words}


def read_order(order: dict[str, Any], payments: list[dict[str, Any]] | None = None) -> ShopOrder:
    exact = json_object(json.dumps({"order": order, "payments": payments or []}).encode())
    return order_of(exact["order"], exact["payments"], None, {})


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"state": "OPEN"}, "confirmed"),
        ({"state": "COMPLETED"}, "fulfilled"),
        ({"state": "CANCELED"}, "cancelled"),
        ({"state": "OPEN", "fulfillments": [{**PICK_UP, "state": "PROPOSED"}]}, "unconfirmed"),
        ({"state": "OPEN", "fulfillments": [{**PICK_UP, "state": "RESERVED"}]}, "confirmed"),
        (
            {"state": "OPEN", "fulfillments": [{**PICK_UP, "state": "PREPARED"}]},
            "ready_for_fulfilment",
        ),
        ({"state": "COMPLETED", "fulfillments": [{**PICK_UP, "state": "PROPOSED"}]}, "unconfirmed"),
        ({"state": "COMPLETED", "fulfillments": [{**PICK_UP, "state": "COMPLETED"}]}, "fulfilled"),
        ({"state": "COMPLETED", "fulfillments": [SHIPPED]}, "with_courier"),
        ({"state": "CANCELED", "fulfillments": [SHIPPED]}, "cancelled"),
        ({"state": "NEW_KIND"}, ""),
    ],
)
def test_status(changes: dict[str, Any], status: str) -> None:
    assert words(read_order(fetched(**changes)))["status"] == status


@pytest.mark.parametrize(
    ("due", "payment", "expected"),
    [
        (0, DONE, ("paid", "28.40", "28.40")),
        (2840, None, ("unpaid", "28.40", "0.00")),
        (1000, None, ("partially_paid", "28.40", "18.40")),
        (0, {"status": "APPROVED"}, ("unpaid", "28.40", "0.00")),
        (
            0,
            {"status": "COMPLETED", "refunded_money": {"amount": 440, **GBP}},
            ("partially_refunded", "24.00", "24.00"),
        ),
        (0, {"status": "COMPLETED", "refunded_money": {"amount": 2840, **GBP}}, ("refunded", "0.00", "0.00")),
    ],
)
def test_payment_is_what_has_come_and_was_not_given_back(
    due: int, payment: dict[str, Any] | None, expected: tuple[str, str, str]
) -> None:
    amount = {"amount_money": {"amount": 2840, **GBP}, "id": "hYy9TestPayment0000000008"}
    payments = [amount | payment] if payment else []
    order = read_order(fetched(net_amount_due_money={"amount": due, **GBP}), payments)
    values = order.values
    assert (words(order)["payment_status"], str(values["total"]), str(values["amount_paid"])) == expected


def test_a_cancelled_order_that_was_never_paid_is_void() -> None:
    order = read_order(fetched(state="CANCELED", net_amount_due_money={"amount": 2840, **GBP}))
    assert words(order)["payment_status"] == "void"


def test_amounts_are_whole_smallest_units_of_any_currency_and_quantities_have_decimals() -> None:
    assert money({"amount": 5400, "currency": "JPY"}) == 5400
    assert money({"amount": 1235, "currency": "KWD"}) == Decimal("1.235")
    line = {"name": "Moss", "quantity": "0.75", "gross_sales_money": {"amount": 900, **GBP}}
    (moss,) = read_order(fetched(line_items=[line])).lines
    assert (moss.quantity, moss.unit_price) == (Decimal("0.75"), Decimal(12))


def test_a_shipment_tells_where_it_goes_when_and_by_which_number() -> None:
    recipient = {
        "display_name": "Ned Orchard",
        "phone_number": "01749 496 000",
        "address": {"address_line_1": "2 High St", "locality": "Wells", "postal_code": "BA5 2AA"},
    }
    details = {
        "recipient": recipient,
        "tracking_number": "SQ123",
        "expected_shipped_at": "2026-11-24T09:00:00Z",
        "shipping_note": "Ring twice.",
    }
    fulfilment = {"type": "SHIPMENT", "state": "PREPARED", "shipment_details": details}
    order = read_order(fetched(fulfillments=[fulfilment]))
    assert order.values["fulfilment_method"] == "delivery" and order.values["note"] == "Ring twice."
    assert order.values["tracking_number"] == "SQ123" and order.values["recipient"] == "Ned Orchard"
    address = order.values["delivery_address"]
    assert isinstance(address, dict) and (address["city"], address["postcode"]) == ("Wells", "BA5 2AA")
    assert [one.value for one in order.attributes] == ["2026-11-24T09:00:00Z"]


def test_a_payment_that_is_only_reserved_is_not_paid() -> None:
    payment = payload("square-payment-updated.json")["data"]["object"]["payment"]
    order = order_of_payment({**payment, "status": "APPROVED"})
    assert (order.values["amount_paid"], words(order)["payment_status"], order.has_lines) == (
        0,
        "unpaid",
        False,
    )


@pytest.mark.parametrize(
    ("type", "about", "expected"),
    [
        (
            "order.fulfillment.updated",
            {"order_fulfillment_updated": {"order_id": "O"}},
            ToFetch("order", "O"),
        ),
        ("refund.updated", {"refund": {"payment_id": "P", "status": "COMPLETED"}}, ToFetch("payment", "P")),
        ("invoice.published", {"invoice": {}}, NotTaken),
        ("order.updated", {"order_updated": []}, NotTaken),
        ("payment.updated", {"payment": {"id": "P"}}, NotTaken),
        ("customer.updated", {"customer": {"id": "C", "given_name": "Wren"}}, ShopCustomer),
    ],
)
def test_what_an_event_is_about(type: str, about: dict[str, Any], expected: Any) -> None:
    message = read(ShopRequest(json.dumps({"type": type, "data": {"object": about}}).encode()))
    assert message == expected or message.__class__ is expected
