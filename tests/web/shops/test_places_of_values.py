"""Where further fields and tags of a shop are kept: the slot, entries of lists, the store's own fields."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery, ShopWord
from tests.kit import own_fields
from tests.kit.shops import Shop, payload
from tests.web.pages import text_of


def send(web: Shop, *attributes: tuple[str, str], at: str = "2026-11-21T09:20:00Z", **changes: Any) -> Order:
    """Send an order with these attributes, changed at a time; return what the store has."""
    notes = [{"name": name, "value": value} for name, value in attributes]
    answer = web.send(payload("shopify-order-paid.json", note_attributes=notes, updated_at=at, **changes))
    assert answer.status_code == 200
    db.session.expire_all()
    return db.session.query(Order).one()


def choose(person: FlaskClient, web: Shop, **targets: str) -> None:
    """Say on the page of words what these words mean."""
    db.session.expire_all()
    ids = {word.said: word.id for word in db.session.query(ShopWord)}
    form = {f"word-{ids[said]}": target for said, target in targets.items()}
    page = person.post(f"/settings/shops/{web.id}/words", data=form, follow_redirects=True)
    assert f"{len(form)} word" in text_of(page)


def test_the_slot_of_an_app_is_when_it_is_delivered(app: Flask) -> None:
    web = Shop(app, "shopify")
    order = send(web, ("Delivery-Date", "2026/11/25"), ("Delivery-Time", "10:00 AM - 12:30 PM"))
    assert (str(order.delivery_date), order.delivery_from, order.delivery_until) == (
        "2026-11-25",
        "10:00",
        "12:30",
    )
    order = send(web, ("Delivery-Time", "after 14:00"), at="2026-11-21T09:30:00Z")
    assert (order.delivery_from, order.delivery_until) == ("14:00", None)


def test_a_slot_that_cannot_be_read_is_said_and_costs_no_order(app: Flask, as_rosa: FlaskClient) -> None:
    web = Shop(app, "shopify")
    order = send(web, ("Delivery-Time", "Morning"), ("Earliest", "14:00"), ("Latest", "9 am"))
    assert (order.number, order.delivery_from) == ("1042", None)
    sentence = db.session.query(ShopDelivery).one().sentence
    assert "“Morning” cannot be read as a time of day." in sentence
    choose(as_rosa, web, Earliest="delivery_from", Latest="delivery_until")
    page = as_rosa.post(f"/settings/shops/{web.id}/retakes", follow_redirects=True)
    assert "0 of 1 changed." in text_of(page)
    db.session.expire_all()
    assert "from 14:00 until 09:00 ends before it begins." in db.session.query(ShopDelivery).one().sentence
    order = send(web, ("Earliest", "8 am"), ("Latest", "9 am"), at="2026-11-21T09:30:00Z")
    assert (order.delivery_from, order.delivery_until) == ("08:00", "09:00")


def test_a_further_field_sets_an_entry_of_a_list_and_what_no_list_has_waits(
    app: Flask, as_rosa: FlaskClient
) -> None:
    web = Shop(app, "shopify")
    order = send(web, ("Occasion", "Sympathy"), tags="")
    assert order.order_type is None
    choose(as_rosa, web, Occasion="order_type")
    as_rosa.post(f"/settings/shops/{web.id}/retakes")
    word = db.session.query(ShopWord).filter_by(said="Sympathy").one()
    assert (word.kind, word.is_waiting) == ("order_type", True)
    choose(as_rosa, web, Sympathy="order_type=funeral")
    page = as_rosa.post(f"/settings/shops/{web.id}/retakes", follow_redirects=True)
    assert "1 of 1 changed." in text_of(page)
    assert send(web, ("Occasion", "corporate"), at="2026-11-21T09:30:00Z").order_type == "corporate"


def test_a_tag_sets_an_entry_of_another_list_and_a_field_of_the_stores_own(
    app: Flask, as_rosa: FlaskClient
) -> None:
    wrapped = own_fields.own_field("Gift wrap", "bool")
    ribbon = own_fields.own_field("Ribbon", "choice", choices="Red\nWhite")
    web = Shop(app, "shopify")
    order = send(web, tags="local, wrap, ribbon-red")
    assert (order.delivery_type, order.custom) == ("royal_mail", None)
    page = text_of(as_rosa.get(f"/settings/shops/{web.id}/words"))
    assert "Gift wrap: Yes" in page and "Ribbon: White" in page
    choose(
        as_rosa, web, local="delivery_type=own_van", wrap=f"{wrapped}=yes", **{"ribbon-red": f"{ribbon}=red"}
    )
    page = as_rosa.post(f"/settings/shops/{web.id}/retakes", follow_redirects=True)
    assert "1 of 1 changed." in text_of(page)
    db.session.expire_all()
    order = db.session.query(Order).one()
    assert order.delivery_type == "own_van"
    assert order.custom == {wrapped.partition(".")[2]: True, ribbon.partition(".")[2]: "red"}
    assert sorted(order.tags) == ["local", "ribbon-red", "wrap"], "they stay tags as well"
