"""What orders have beside their items: amounts, address, slot, parcels, currency, quantities, slashes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.parcel_number import ParcelNumber
from automations.models.tables.store import Store
from automations.pipeline.records.tracked_orders import orders_with
from tests.web.api.conftest import Till, problems, till_of

LINES = [
    {"name": "Roses", "quantity": 2, "unit_price": "20.00"},
    {"name": "Moss", "quantity": 0.75, "unit_price": "9.99"},
    {"name": "Vase, returned", "quantity": -1, "unit_price": "5.00"},
]
ADDRESS = {"street": "1 Mill Lane\nFlat 2", "city": "Bath", "postcode": "BA1 1AA", "country": "GB"}


@pytest.fixture
def till(app: Flask) -> Till:
    return till_of(app)


def saved(till: Till, **values: Any) -> dict[str, Any]:
    answer = till.post("/api/orders", {"number": "1"} | values)
    assert answer.status_code in (200, 201), answer.text
    record: dict[str, Any] = answer.json["record"]
    return record


def test_weighed_items_and_returns_are_counted_exactly_and_charges_are_no_items(till: Till) -> None:
    record = saved(till, lines=LINES, shipping="4.95", discount="2.00", tax="7.00")
    assert [line["quantity"] for line in record["lines"]] == [2, 0.75, -1]
    # 40.00 + 7.49 (rounded from 7.4925) - 5.00 + 4.95 - 2.00; the tax is part of the prices.
    assert (record["total"], record["item_count"], record["total_given"]) == ("45.44", 1.75, False)
    assert saved(till, shipping="0.00")["total"] == "40.49"
    assert saved(till, lines=LINES[:1])["item_count"] == 2


@pytest.mark.parametrize("quantity", [0.0001, "two", 100_001, -100_001, True, None, "1e3"])
def test_a_quantity_that_cannot_be_kept_exactly_is_refused(till: Till, quantity: Any) -> None:
    line = {"name": "Roses", "unit_price": "1.00", "quantity": quantity}
    answer = till.post("/api/orders", {"number": "1", "lines": [line]})
    assert "lines.0.quantity" in problems(answer)


def test_a_total_that_differs_from_its_lines_is_taken_and_the_difference_is_shown(till: Till) -> None:
    record = saved(till, lines=LINES, shipping="4.95", total="48.00")
    assert (record["total"], record["total_difference"]) == ("48.00", "0.56")
    # In a shop whose prices have no tax, the tax explains the difference.
    assert saved(till, tax="0.56")["total_difference"] == "0.00"
    assert saved(till, total=None)["total_difference"] == "0.00"


@pytest.mark.parametrize(
    ("total", "paid", "refunded", "due"),
    [
        # A source that says what was paid after refunds, and one that says it before.
        ("24.45", "24.45", "18.00", "0.00"),
        ("24.45", "42.45", "18.00", "0.00"),
        ("50.00", "50.00", "50.00", "0.00"),
        ("50.00", "60.00", "4.00", "-6.00"),
        ("50.00", "60.00", "30.00", "0.00"),
        ("50.00", "20.00", "5.00", "30.00"),
    ],
)
def test_a_refund_settles_what_was_paid_too_much_and_makes_nothing_due(
    till: Till, total: str, paid: str, refunded: str, due: str
) -> None:
    customer = {"email": "zoe@new.example"}
    record = saved(till, total=total, amount_paid=paid, amount_refunded=refunded, customer=customer)
    assert record["balance_due"] == due
    spent = till.get(f"/api/customers/{record['customer']['number']}").json["record"]["total_spent"]
    assert Decimal(spent) == Decimal(total) - Decimal(due)


def test_the_balance_before_a_refund_is_known_to_who_listens_for_its_change(till: Till) -> None:
    saved(till, total="50.00", amount_paid="60.00")
    saved(till, amount_refunded="10.00")
    changed = db.session.scalars(sa.select(Occurrence).order_by(Occurrence.id.desc())).first()
    assert changed and changed.changed == ["amount_refunded"]
    assert changed.moment["previous"] == {"amount_refunded": "0.00", "balance_due": "-10.00"}


def test_an_order_keeps_where_when_and_to_whom_it_goes(till: Till) -> None:
    sent = {
        "delivery_date": "2026-11-24",
        "delivery_from": "09:00",
        "delivery_until": "12:30",
        "recipient": "Ivy Cole",
        "delivery_address": ADDRESS,
        "card_message": "Happy birthday,\nIvy.",
    }
    record = saved(till, **sent)
    assert {name: record[name] for name in sent} == sent
    # An address is written whole; its parts that changed are named.
    record = saved(till, delivery_address={"city": "Wells"})
    assert record["delivery_address"] == {"city": "Wells"}
    changed = db.session.scalars(sa.select(Occurrence).order_by(Occurrence.id.desc())).first()
    assert changed and changed.moment["previous"] == {
        "delivery_address.street": ADDRESS["street"],
        "delivery_address.city": "Bath",
        "delivery_address.postcode": "BA1 1AA",
        "delivery_address.country": "GB",
    }
    assert saved(till, delivery_address=None)["delivery_address"] == {}


def test_a_slot_that_ends_before_it_begins_and_an_unknown_part_of_an_address_are_refused(till: Till) -> None:
    slot = {"number": "1", "delivery_from": "12:00", "delivery_until": "09:00"}
    assert problems(till.post("/api/orders", slot)).keys() == {"delivery_until"}
    wrong = {"number": "1", "delivery_from": "9", "delivery_address": {"town": "Bath"}}
    assert problems(till.post("/api/orders", wrong)).keys() == {"delivery_from", "delivery_address.town"}


def test_what_several_parcels_say_together_is_what_the_order_says(till: Till, bloom: Store) -> None:
    first = {"carrier": "DHL", "tracking_number": "D1", "status": "Delivered"}
    second = {"carrier": "Royal Mail", "tracking_number": "R2"}
    record = saved(till, parcels=[first, second])
    assert (record["tracking_number"], record["delivery_status"]) == ("R2", "booked")
    assert (record["parcel_count"], record["carriers"]) == (2, ["DHL", "Royal Mail"])
    assert saved(till, parcels=[first, second | {"status": "in transit"}])["delivery_status"] == "in_transit"
    assert saved(till, parcels=[first, second | {"status": "returned"}])["delivery_status"] == "delivered"
    assert [orders_with(db.session(), bloom.id, number, 9) for number in ("D1", "R2", "X")] == [
        ["1"],
        ["1"],
        [],
    ]
    # Of a single parcel the order and the parcel say the same.
    saved(till, parcels=[first])
    assert saved(till, delivery_status="returned")["parcels"][0]["status"] == "returned"
    saved(till, parcels=[])
    assert db.session.scalars(sa.select(ParcelNumber)).all() == []


def test_an_order_in_another_currency_has_its_decimals_and_adds_nothing_to_what_was_spent(till: Till) -> None:
    yen = {
        "currency": "jpy",
        "total": "5400",
        "amount_paid": "5400",
        "customer": {"email": "zoe@new.example"},
    }
    record = saved(till, **yen)
    assert (record["currency"], record["total"]) == ("JPY", "5400.00")
    number = record["customer"]["number"]
    bought = till.get(f"/api/customers/{number}").json["record"]
    assert (bought["order_count"], Decimal(bought["total_spent"])) == (1, 0)
    refused = till.post("/api/orders", {"number": "2", "currency": "JPY", "total": "5400.50"})
    assert problems(refused).keys() == {"total"}
    assert problems(till.post("/api/orders", {"number": "2", "currency": "ZZZ"})).keys() == {"currency"}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("authorized", "unpaid"),
        ("PENDING", "unpaid"),
        ("voided", "void"),
        ("partially-refunded", "partially_refunded"),
    ],
)
def test_words_of_payment_services_land_in_the_stores_list(till: Till, word: str, status: str) -> None:
    assert saved(till, payment_status=word)["payment_status"] == status


@pytest.mark.parametrize("number", ["2026/17", "A/B/C", "10%/2", "a/edit", "batch/1", "x%2Fy"])
def test_a_number_with_slashes_has_its_place_in_the_api(till: Till, number: str) -> None:
    assert till.post("/api/orders", {"number": number}).status_code == 201
    for path in (number.replace("%", "%25"), number.replace("%", "%25").replace("/", "%2F")):
        assert till.get(f"/api/orders/{path}").json["record"]["number"] == number
    changed = till.patch(f"/api/orders/{number.replace('%', '%25')}", {"note": "Ring"})
    assert changed.json["record"]["note"] == "Ring"
    assert db.session.scalars(sa.select(Order.number)).all() == [number]


@pytest.mark.parametrize("number", ["/1", "1/", "a//b", "../b", "a/./b", "a/ .. /b"])
def test_a_number_that_would_lead_elsewhere_is_refused(till: Till, number: str) -> None:
    assert "number" in problems(till.post("/api/orders", {"number": number}))
