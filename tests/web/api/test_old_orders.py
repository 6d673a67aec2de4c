"""An order from before its shop was connected is taken in quietly; one that was made since always fires."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery
from automations.pipeline.records.change import Cause
from automations.pipeline.sources import missed_orders, old_orders
from automations.pipeline.sources.outcome import Taking
from tests.kit import shop, shop_apis
from tests.kit.shops import Shop, payload
from tests.web.pages import text_of

NOW = dt.datetime(2026, 11, 21, 9, 14, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
#: By kind: the example, the topics of making and of changing, and the times in it: made, changed.
KINDS = {
    "shopify": ("shopify-order-paid.json", "orders/create", "orders/updated", "created_at", "updated_at"),
    "woocommerce": (
        "woocommerce-processing.json",
        "order.created",
        "order.updated",
        "date_created_gmt",
        "date_modified_gmt",
    ),
}


class Sender:
    """A shop that was connected a day before what it sends was so."""

    def __init__(self, app: Flask, kind: str) -> None:
        self.shop = Shop(app, kind, "Press", connected_at=NOW - DAY)
        self.example, self.making, self.changing, self.made, self.changed = KINDS[kind]

    def order(self, made: dt.datetime, changed: dt.datetime = NOW, **more: Any) -> dict[str, Any]:
        """The example, as if it had been placed and changed at these times."""
        times = {self.made: made, self.changed: changed}
        if "processed_at" in payload(self.example):
            times["processed_at"] = made
        return payload(self.example) | {name: _written(at) for name, at in times.items()} | more

    def send(self, order: dict[str, Any], topic: str = "") -> str:
        """Send it; return the sentence that is kept about it."""
        assert self.shop.send(order, topic or self.changing).status_code == 200
        db.session.expire_all()
        return db.session.query(ShopDelivery).order_by(ShopDelivery.id.desc()).first().sentence


def _written(at: dt.datetime) -> str:
    return at.replace(tzinfo=None).isoformat() + "Z"


@pytest.fixture(params=sorted(KINDS))
def sender(app: Flask, request: pytest.FixtureRequest) -> Sender:
    for name, trigger in (("Welcome", "created"), ("Paid", "payment_status_changed")):
        shop.publish_automation(name, trigger)
    return Sender(app, request.param)


def fired() -> list[str]:
    db.session.expire_all()
    return sorted(run.evaluation.version.name for run in shop.runs())


def test_an_edited_order_of_last_year_fires_nothing_and_everything_says_so(
    sender: Sender, as_rosa: FlaskClient
) -> None:
    sentence = sender.send(sender.order(NOW - 365 * DAY))
    assert fired() == [] and {one.trigger for one in shop.occurrences()} == {"imported"}
    order, automation = db.session.query(Order).one(), db.session.query(shop.Automation).first()
    assert order.payment_status == "paid" and order.placed_at == NOW - 365 * DAY
    assert f"Order {order.number} added. {old_orders.WHY}" in sentence
    assert old_orders.WHY in text_of(as_rosa.get(f"/settings/shops/{sender.shop.id}"))
    log = text_of(as_rosa.get(f"/orders/{order.number}"))
    assert "From before the shop was connected, nothing fired" in log
    asked = text_of(as_rosa.get(f"/orders/{order.number}/why-not?automation={automation.id}"))
    assert "it is from before Press was connected" in asked
    assert "orders are taken in quietly, which fires nothing" in asked


def test_what_the_shop_says_of_it_next_fires_like_any_change(sender: Sender) -> None:
    shop.publish_automation("Noted", "field_changed", field="note")
    sender.send(sender.order(NOW - 365 * DAY))
    note = {"note": "Ring twice"} if sender.shop.kind == "shopify" else {"customer_note": "Ring twice"}
    sender.send(sender.order(NOW - 365 * DAY, NOW + DAY, **note))
    assert fired() == ["Noted"]


@pytest.mark.parametrize("made", [NOW - DAY, NOW - dt.timedelta(hours=1), NOW])
def test_an_order_made_since_the_shop_was_connected_fires_however_late_it_is_changed(
    sender: Sender, made: dt.datetime
) -> None:
    sender.send(sender.order(made, NOW + 300 * DAY))
    assert fired() == ["Paid", "Welcome"]


def test_an_order_of_a_few_days_ago_and_one_that_is_told_as_new_fire(sender: Sender) -> None:
    sender.send(sender.order(NOW - 7 * DAY))
    assert fired() == ["Paid", "Welcome"]
    sender.send(sender.order(NOW - 90 * DAY, id=4711, number="4711", name="#4711"), sender.making)
    assert fired() == ["Paid", "Paid", "Welcome", "Welcome"]


def test_the_age_is_a_choice(sender: Sender, as_ada: FlaskClient) -> None:
    page = as_ada.get(f"/settings/shops/{sender.shop.id}")
    assert "An order from before the shop was connected" in text_of(page)
    form = {"two_steps": "on", "quiet_after": "0"}
    as_ada.post(f"/settings/shops/{sender.shop.id}/options", data=form)
    assert sender.shop.row.options["quiet_after"] == 0
    sender.send(sender.order(NOW - 365 * DAY))
    assert fired() == ["Paid", "Welcome"]
    as_ada.post(f"/settings/shops/{sender.shop.id}/options", data=form | {"quiet_after": "3"})
    sender.send(sender.order(NOW - 4 * DAY, id=4711, number="4711", name="#4711"))
    assert fired() == ["Paid", "Welcome"]


def test_an_order_that_moved_to_the_shop_since_fires_although_it_was_placed_long_ago(app: Flask) -> None:
    shop.publish_automation("Welcome", "created")
    sender = Sender(app, "shopify")
    sender.send(sender.order(NOW) | {"processed_at": _written(NOW - 365 * DAY)})
    assert fired() == ["Welcome"] and db.session.query(Order).one().placed_at == NOW - 365 * DAY


def test_an_old_customer_that_is_edited_is_taken_in_quietly(app: Flask) -> None:
    shop.publish_automation("Hello", "created", subject="customer")
    sender = Sender(app, "shopify")
    person = {"id": 7, "email": "old@post.example", "first_name": "Olive", "verified_email": True}
    times = {"created_at": _written(NOW - 365 * DAY), "updated_at": _written(NOW)}
    assert old_orders.WHY in sender.send(person | times, "customers/update")
    assert fired() == [] and db.session.query(Customer).filter_by(email="old@post.example").count() == 1
    new = {"id": 8, "email": "new@post.example", "created_at": _written(NOW)}
    sender.send(person | times | new, "customers/update")
    assert fired() == ["Hello"]


def test_old_orders_that_are_asked_for_are_quiet_and_those_that_were_missed_fire(
    app: Flask, as_rosa: FlaskClient
) -> None:
    shop.publish_automation("Welcome", "created")
    sender, today = Sender(app, "woocommerce"), dt.datetime.now(dt.UTC).replace(microsecond=0)
    sender.shop = Shop(app, "woocommerce", "Fresh", connected_at=today - DAY)
    old, new = today - 20 * DAY, today - dt.timedelta(hours=2)
    with shop_apis.played() as api:
        sender.shop.may_ask(api.site, "cs_secret", "ck_key")
        orders = [
            sender.order(old, old, id=801, number="801"),
            sender.order(new, new, id=802, number="802"),
        ]
        api.before = lambda path: orders if "offset=0" in path else []
        as_rosa.post(f"/settings/shops/{sender.shop.id}/catch-ups", data={"days": "30"})
        box = missed_orders.SecretBox([app.config["SECRET_KEY"]])
        missed_orders.go_on_with(sender.shop.id, lambda: dt.datetime.now(dt.UTC), box)
    db.session.expire_all()
    assert {order.number for order in db.session.query(Order)} == {"801", "802"}
    assert [one.snapshot["number"] for one in shop.occurrences() if one.trigger == "created"] == ["802"]


@dataclass
class _Connected:
    created_at: dt.datetime
    options: dict[str, Any]


days = st.integers(-40, 40)


@given(made=days, told=days, connected=days, after=st.sampled_from(old_orders.CHOICES), new=st.booleans())
def test_only_what_is_old_is_quiet(made: int, told: int, connected: int, after: int, new: bool) -> None:
    connection: Any = _Connected(NOW + connected * DAY, {old_orders.OPTION: after})
    nothing: Any = None
    cause, now = Cause("api", "Press"), NOW + 20 * DAY
    taking = Taking(nothing, nothing, connection, nothing, nothing, cause, now, says_new=new)
    is_old = made < connected and min(told, 20) - made > after
    taken = old_orders.quietly(taking, NOW + made * DAY, NOW + told * DAY)
    assert taken.cause.quiet == (is_old and bool(after) and not new)


@pytest.mark.parametrize(
    ("topic", "new"),
    [
        ("orders/create", True),
        ("order.created", True),
        ("store/order/created", True),
        ("example.shop.order.created.v2", True),
        ("orders/updated", False),
        ("orders/paid", False),
        ("refund.created", False),
        ("store/order/refund/created", False),
        ("order.created.note.changed", False),
        ("", False),
    ],
)
def test_which_topics_tell_of_something_new(topic: str, new: bool) -> None:
    assert old_orders.says_new(topic) is new
