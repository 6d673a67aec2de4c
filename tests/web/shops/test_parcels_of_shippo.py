"""What Shippo says of a parcel on its way, in the order in which it comes and in any other."""

from __future__ import annotations

import copy
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.store import Choice, Store
from tests.kit import shop
from tests.kit.sent_orders import Json, order, sent
from tests.kit.shops import Shop, payload

NUMBER = "RM000100200GB"
#: By its hour, what is said of a parcel that comes back and goes out again.
_JOURNEY = {
    8: ("PRE_TRANSIT", "information_received"),
    12: ("TRANSIT", "package_accepted"),
    16: ("TRANSIT", "out_for_delivery"),
    20: ("DELIVERED", "delivered"),
}


@pytest.fixture
def shippo(app: Flask) -> Shop:
    return Shop(app, "shippo")


def news(status: str | None, hour: int | None, code: str = "", **more: Any) -> Json:
    message = copy.deepcopy(payload("shippo-track-updated.json"))
    message["data"]["tracking_number"] = more.pop("number", NUMBER)
    message["data"]["tracking_status"] |= {
        "object_id": f"{status}-{hour}-{code}",
        "status": status,
        "status_date": None if hour is None else f"2026-11-{20 + hour // 24}T{hour % 24:02}:00:00Z",
        "substatus": {"code": code, "text": "", "action_required": False} if code else None,
    }
    return message | more


def test_a_journey_told_in_any_order_ends_where_it_ended(shippo: Shop) -> None:
    for place, hours in enumerate(permutations(_JOURNEY)):
        number = f"RM{place:09}GB"
        shop.place_order(f"{place}", tracking_number=number)
        for hour in hours:
            status, code = _JOURNEY[hour]
            answer = shippo.send(news(status, hour, f"{code}", number=number) | {"metadata": f"{place}"})
            assert answer.status_code == 200
    db.session.expire_all()
    assert {one.delivery_status for one in db.session.query(Order)} == {"delivered"}
    assert db.session.query(Order).count() == 24


def test_a_parcel_comes_back_and_goes_out_again(shippo: Shop) -> None:
    shop.place_order("1", tracking_number=NUMBER)
    seen = []
    for hour, status, outcome in (
        (8, "TRANSIT", "taken"),
        (20, "DELIVERED", "taken"),
        (12, "TRANSIT", "unchanged"),
        (30, "RETURNED", "taken"),
        (None, "TRANSIT", "unchanged"),
        (50, "TRANSIT", "taken"),
        (60, "DELIVERED", "taken"),
    ):
        sent(shippo, news(status, hour), outcome)
        seen.append(order().delivery_status)
    there, back = (
        ["in_transit", "delivered", "delivered"],
        ["returned", "returned", "in_transit", "delivered"],
    )
    assert seen == there + back


def test_what_the_store_has_no_word_for_changes_nothing_and_says_which_word(shippo: Shop) -> None:
    shop.place_order("1", tracking_number=NUMBER, delivery_status="in_transit")
    sentence = sent(shippo, news("FAILURE", 9, "address_issue"), "not taken")
    assert "None of the store’s delivery statuses is called “failure”" in sentence
    assert order().delivery_status == "in_transit"
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        failed = Choice(
            store_id=store.id, list_key="delivery_status", key="failed", label="Failed", position=9
        )
        session.add(failed)
    sent(shippo, news("FAILURE", 10, "address_issue"))
    assert order().delivery_status == "failed"


@pytest.mark.parametrize(
    "message",
    [
        news("UNKNOWN", 9),
        news("MISPLACED", 9),
        news(None, 9),
        news("DELIVERED", 9, test=True),
        news("DELIVERED", 9, event="transaction_updated"),
        news("DELIVERED", 9, number="RM999999999GB"),
    ],
)
def test_what_says_nothing_of_this_parcel_changes_nothing(shippo: Shop, message: Json) -> None:
    shop.place_order("1", tracking_number=NUMBER, delivery_status="in_transit")
    sent(shippo, message, "not taken")
    assert order().delivery_status == "in_transit"


def test_small_letters_and_spaces_are_read_as_well(shippo: Shop) -> None:
    shop.place_order("1", tracking_number=NUMBER)
    sent(shippo, news("transit", 9, "Package_Held", number="RM 000 100 200 GB"))
    assert order().delivery_status == "at_the_depot"


def test_each_of_several_parcels_is_where_shippo_says(shippo: Shop, client: FlaskClient) -> None:
    numbers = (NUMBER, "RM000100201GB")
    shop.place_order("1", parcels=[{"carrier": "Royal Mail", "tracking_number": one} for one in numbers])
    sent(shippo, news("DELIVERED", 20, number=numbers[1]))
    sent(shippo, news("TRANSIT", 12, number=numbers[1]), "unchanged")
    sent(shippo, news("TRANSIT", 12))
    assert [parcel.get("status") for parcel in order().parcels or ()] == ["in_transit", "delivered"]
    assert order().delivery_status == "in_transit"
    sent(shippo, news("DELIVERED", 22))
    assert order().delivery_status == "delivered"
