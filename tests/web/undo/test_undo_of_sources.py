"""Undo gives a source back how its messages were read, unless someone changed that again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.settings import call_limits
from automations.models.settings.call_limits import CallLimits
from automations.models.tables.shop_connection import ShopWord
from automations.models.tables.store import Choice, Store
from automations.pipeline.sources import picking
from tests.kit.shops import Shop, payload
from tests.web.pages import text_of
from tests.web.shops.test_other_sources import Other
from tests.web.undo.test_undo import undo_after, undo_in
from tests.web.undo.test_undo_of_rules import audited
from tests.web.undo.test_undo_of_settings import BEFOREHAND, undone

CHANGED = "The mapping was changed in the meantime, so nothing was undone."


@pytest.fixture
def other(app: Flask, as_ada: FlaskClient) -> Other:
    market = Other(app, as_ada)
    # What was said of connecting is read.
    market.mapping()
    return market


def paths(other: Other) -> Any:
    return picking.mapping_of(other.row).get("paths") or {}


def picked(other: Other, field: str, *path: Any) -> str:
    """Pick a value and return the address of its Undo."""
    return undo_after(other.admin, f"{other.page}/mapping", field=field, path=json.dumps(path))


def test_a_field_is_read_from_where_it_was(other: Other) -> None:
    assert "For a day you can undo it." in other.mapping()
    first = picked(other, "note", "memo")
    second = picked(other, "note", "remark")
    assert CHANGED in undone(other.admin, first)
    assert "is read from where it was." in undone(other.admin, second)
    assert paths(other) == {"note": ["memo"]}
    assert audited(1)[0].endswith("in the messages of the connection “Market”, no longer from “remark”")
    assert "is no longer read." in undone(other.admin, first)
    assert paths(other) == {}


def test_an_id_that_is_read_from_where_it_was_remembers_the_other(other: Other) -> None:
    picked(other, "id", "uid")
    address = picked(other, "id", "key")
    undone(other.admin, address)
    mapping = picking.mapping_of(other.row)
    assert mapping["paths"]["id"] == ["uid"] and mapping["ids_before"][0] == ["key"]


def test_another_list_of_items_brings_its_values_back(other: Other) -> None:
    picked(other, "lines", "basket")
    picked(other, "line.name", "basket", 0, "title")
    address = picked(other, "lines", "articles")
    assert paths(other) == {"lines": ["articles"]}
    undone(other.admin, address)
    assert paths(other) == {"lines": ["basket"], "line.name": ["title"]}


def test_a_list_of_items_stays_once_its_values_are_picked(other: Other) -> None:
    address = picked(other, "lines", "basket")
    picked(other, "line.name", "basket", 0, "title")
    assert CHANGED in undone(other.admin, address)
    assert set(paths(other)) == {"lines", "line.name"}


def test_picking_the_same_value_again_offers_no_undo(other: Other) -> None:
    picked(other, "note", "memo")
    form = {"field": "note", "path": '["memo"]'}
    page = other.admin.post(f"{other.page}/mapping", data=form, follow_redirects=True).text
    assert "toast-undo" not in page


def test_it_sends_again_what_it_sent(other: Other) -> None:
    assert BEFOREHAND in other.mapping()
    picked(other, "note", "memo")
    before = picking.mapping_of(other.row)
    first = undo_after(
        other.admin, f"{other.page}/mapping/kind", subject="order", minor="on", only="made, paid"
    )
    assert picking.mapping_of(other.row)["only"] == ["made", "paid"]
    assert "It is as it was." in undone(other.admin, first)
    assert picking.mapping_of(other.row) == before
    second = undo_after(other.admin, f"{other.page}/mapping/kind", subject="customer")
    other.admin.post(f"{other.page}/mapping/kind", data={"subject": "event"})
    assert CHANGED in undone(other.admin, second)
    assert picking.mapping_of(other.row)["subject"] == "event"


def test_words_mean_again_what_they_meant(app: Flask, as_rosa: FlaskClient) -> None:
    web = Shop(app, "woocommerce")
    web.send(payload("woocommerce-processing.json", status="awaiting-florist"), "order.created")
    page = f"/settings/shops/{web.id}/words"
    id = db.session.query(ShopWord).filter_by(said="awaiting-florist").one().id
    assert BEFOREHAND in text_of(as_rosa.get(page))

    def means() -> str | None:
        db.session.rollback()
        return db.session.get_one(ShopWord, id).target

    first = undo_after(as_rosa, page, **{f"word-{id}": "status=picked"})
    second = undo_after(as_rosa, page, **{f"word-{id}": "status=unconfirmed"})
    assert "were given a meaning in the meantime" in undone(as_rosa, first)
    assert "The word means what was meant before." in undone(as_rosa, second)
    assert means() == "status=picked"
    undone(as_rosa, first)
    assert means() is None


def test_words_do_not_go_back_to_an_entry_that_is_gone(
    app: Flask, as_rosa: FlaskClient, bloom: Store
) -> None:
    web = Shop(app, "woocommerce")
    web.send(payload("woocommerce-processing.json", status="awaiting-florist"), "order.created")
    page = f"/settings/shops/{web.id}/words"
    id = db.session.query(ShopWord).filter_by(said="awaiting-florist").one().id
    undo_after(as_rosa, page, **{f"word-{id}": "status=picked"})
    address = undo_after(as_rosa, page, **{f"word-{id}": "status=unconfirmed"})
    with write() as session:
        session.query(Choice).filter_by(store_id=bloom.id, list_key="order_status", key="picked").delete()
    assert "What “awaiting-florist” meant is no longer there" in undone(as_rosa, address)


def test_the_options_of_a_shop_are_as_they_were(app: Flask, as_ada: FlaskClient) -> None:
    web = Shop(app, "shopify")
    page = f"/settings/shops/{web.id}"
    assert BEFOREHAND in text_of(as_ada.get(page))
    first = undo_after(as_ada, f"{page}/options", prefix="W-", silence="24", quiet_after="7")
    assert 'value="W-"' in as_ada.get(page).text
    assert "The options are as they were." in undone(as_ada, first)
    assert 'value="W-"' not in as_ada.get(page).text
    assert audited(1)[0].startswith("undid a change of the")
    second = undo_after(as_ada, f"{page}/options", prefix="W-", silence="24", quiet_after="7")
    as_ada.post(f"{page}/options", data={"prefix": "X-", "silence": "24", "quiet_after": "7"})
    assert "These options were changed in the meantime" in undone(as_ada, second)


def test_the_limits_of_requests_are_as_they_were(as_ada: FlaskClient, bloom: Store) -> None:
    page = "/settings/connections/requests"
    assert BEFOREHAND in text_of(as_ada.get(page))
    address = undo_after(as_ada, page, at_once="3", hosts="till.shop.example 1")
    again = as_ada.post(page, data={"at_once": "3", "hosts": "till.shop.example 1"}, follow_redirects=True)
    assert "toast-undo" not in again.text
    assert "The limits are as they were." in undone(as_ada, address)
    db.session.rollback()
    assert call_limits.of_store(db.session(), bloom.id) == CallLimits()
    other = undo_in(as_ada.post(page, data={"at_once": "4", "hosts": ""}, follow_redirects=True).text)
    as_ada.post(page, data={"at_once": "5", "hosts": ""})
    assert "These limits were changed in the meantime" in undone(as_ada, other)
