"""What a shop's messages did not bring is fetched: paged, once each, going on where it was."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug import Response

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import db
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.shop_catch_up import ShopCatchUp
from automations.models.tables.shop_connection import ShopDelivery
from automations.pipeline.sources import missed_orders, silence
from automations.pipeline.sources.fetching import GoOn
from tests.kit.shop_apis import PlayedApi
from tests.kit.shops import Shop, payload
from tests.web.pages import text_of

SENT = "woocommerce-processing.json"
CONNECTED = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


class Orders:
    """The orders of a shop, as its API gives them out."""

    def __init__(self, api: PlayedApi, count: int) -> None:
        self.api = api
        self.kept = [payload(SENT, id=number, number=str(number)) for number in range(701, 701 + count)]
        api.before = self.answer

    def answer(self, path: str) -> Any:
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        begins = int(query["offset"])
        return self.kept[begins : begins + int(query["per_page"])]


@pytest.fixture
def woo(app: Flask, api: PlayedApi) -> Shop:
    shop = Shop(app, "woocommerce", "Press", connected_at=CONNECTED)
    shop.may_ask(api.site, "cs_secret", "ck_key")
    return shop


def catch_up(shop: Shop, later: dt.timedelta = dt.timedelta(0), may_go_on: GoOn = lambda: True) -> int:
    db.session.rollback()
    box = SecretBox([shop.app.config["SECRET_KEY"]])
    return missed_orders.go_on_with(shop.id, lambda: dt.datetime.now(dt.UTC) + later, box, may_go_on)


def numbers() -> list[str]:
    db.session.expire_all()
    return sorted(order.number for order in db.session.query(Order))


def row() -> ShopCatchUp:
    db.session.expire_all()
    return db.session.query(ShopCatchUp).one()


def press(client: FlaskClient, shop: Shop, days: int = 7) -> str:
    db.session.rollback()
    page = client.post(
        f"/settings/shops/{shop.id}/catch-ups", data={"days": str(days)}, follow_redirects=True
    )
    return text_of(page)


def created() -> int:
    return db.session.query(Occurrence).filter_by(subject="order", trigger="created").count()


def test_all_pages_come_in_and_what_is_known_changes_nothing(
    woo: Shop, api: PlayedApi, as_rosa: FlaskClient
) -> None:
    orders = Orders(api, 45)
    woo.send(payload(SENT, id=701, number="701"), "order.created")
    woo.send(
        payload(SENT, id=702, number="702", date_modified_gmt="2026-11-25T00:00:00", customer_note="New")
    )
    assert "What was missed is fetched now." in press(as_rosa, woo)
    assert "already" in press(as_rosa, woo)
    assert catch_up(woo) == 3 and len(numbers()) == 45 and created() == 45
    assert db.session.query(Order).filter_by(number="702").one().note == "New", "older never over newer"
    assert (row().state, row().changed, len(orders.kept)) == ("done", 43, 45)
    assert db.session.query(ShopDelivery).count() == 2 + 43, "only what had news is kept"
    page = text_of(as_rosa.get(f"/settings/shops/{woo.id}"))
    assert "43 with news." in page
    pair = base64.b64encode(b"ck_key:cs_secret").decode()
    assert api.headers[0]["authorization"] == f"Basic {pair}"
    press(as_rosa, woo)
    assert catch_up(woo) == 3 and created() == 45 and row().changed == 0


def test_it_goes_on_where_it_was_after_the_process_has_died(
    woo: Shop, api: PlayedApi, as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    Orders(api, 45)
    press(as_rosa, woo)
    taken = iter(range(27))
    with monkeypatch.context() as patch, pytest.raises(StopIteration):
        take = missed_orders._take
        patch.setattr(
            missed_orders, "_take", lambda session, **given: (next(taken), take(session, **given))[1]
        )
        catch_up(woo)
    assert len(numbers()) == 25 and row().cursor == "20"
    assert catch_up(woo) == 0, "it is still claimed"
    asked = len(api.asked)
    assert catch_up(woo, missed_orders.CLAIMED_FOR + dt.timedelta(seconds=1)) == 2
    assert len(api.asked) == asked + 2 and len(numbers()) == 45 and created() == 45


def test_someone_stops_it_between_two_orders_and_has_it_go_on(
    woo: Shop, api: PlayedApi, as_rosa: FlaskClient
) -> None:
    Orders(api, 45)
    press(as_rosa, woo)
    asked = itertools.count()

    def stop_in_the_second_page() -> bool:
        # It is asked once for a page and once for each of its 20 orders; two of the second page are known.
        if next(asked) == 1 + 20 + 1 + 7:
            as_rosa.post(f"/settings/shops/{woo.id}/catch-ups/stop")
        return True

    assert catch_up(woo, may_go_on=stop_in_the_second_page) == 1
    assert next(asked) == 30, "the next order is left"
    assert len(numbers()) == 20 + 7 - 2 and (row().state, row().cursor, row().due_at) == (
        "stopped",
        "20",
        None,
    )
    assert catch_up(woo) == 0 and missed_orders.connections_due(db.session(), dt.datetime.now(dt.UTC)) == []
    page = text_of(as_rosa.get(f"/settings/shops/{woo.id}"))
    assert "Stopped" in page and "20 orders looked at" in page and "Stop fetching" not in page
    for _ in range(2):
        going_on = as_rosa.post(f"/settings/shops/{woo.id}/catch-ups/go-on", follow_redirects=True)
        page = text_of(going_on)
    assert "There is nothing to continue." in page and "Stop fetching" in page
    assert catch_up(woo) == 2 and len(numbers()) == 45 and created() == 45 and row().state == "done"
    stopped = as_rosa.post(f"/settings/shops/{woo.id}/catch-ups/stop", follow_redirects=True)
    assert "Nothing is being fetched any more." in text_of(stopped)


def test_an_order_that_is_deleted_meanwhile_lets_no_other_be_missed(
    woo: Shop, api: PlayedApi, as_rosa: FlaskClient
) -> None:
    orders = Orders(api, 45)
    press(as_rosa, woo)

    def deleting(path: str) -> Any:
        page = orders.answer(path)
        if "offset=0" in path:
            del orders.kept[3]
        return page

    api.before = deleting
    catch_up(woo)
    assert len(numbers()) == 45


def test_a_shop_that_does_not_answer_is_waited_for_and_one_that_refuses_is_said(
    woo: Shop, api: PlayedApi, as_rosa: FlaskClient
) -> None:
    api.before = lambda path: Response("", 503)
    press(as_rosa, woo)
    assert catch_up(woo) == 0 and row().state == "running"
    assert "It continues by itself" in text_of(as_rosa.get(f"/settings/shops/{woo.id}"))
    Orders(api, 3)
    assert catch_up(woo, dt.timedelta(seconds=6)) == 1 and row().state == "done"
    api.before = lambda path: Response("", 401)
    press(as_rosa, woo)
    catch_up(woo)
    page = text_of(as_rosa.get(f"/settings/shops/{woo.id}"))
    assert "Not all fetched" in page and "the access token is not valid there" in page


def test_a_shop_that_has_gone_silent_is_asked_by_itself(woo: Shop, api: PlayedApi) -> None:
    woo.send(payload(SENT))
    Orders(api, 3)
    now = dt.datetime.now(dt.UTC)
    assert silence.catch_up_all(now + dt.timedelta(hours=71)) == 0
    assert silence.catch_up_all(now + dt.timedelta(hours=73)) == 1
    assert silence.catch_up_all(now + dt.timedelta(hours=74)) == 0
    catch_up(woo, dt.timedelta(hours=74))
    assert row().state == "done" and row().created_by is None and len(numbers()) == 4
    assert silence.catch_up_all(now + dt.timedelta(hours=150)) == 1


def test_shopify_says_where_its_next_page_begins(app: Flask, api: PlayedApi, as_rosa: FlaskClient) -> None:
    shop = Shop(app, "shopify")
    assert "The shop’s API cannot be used yet" in press(as_rosa, shop)
    shop.may_ask(api.site)
    begins = "/admin/api/2026-07/orders.json"
    link = '<https://elsewhere.example/admin/orders.json?page_info=abc%3D&limit=20>; rel="next"'
    first = payload("shopify-order-paid.json")
    second = payload("shopify-local-pickup.json")
    api.before = lambda path: (
        None if "page_info" in path else Response(json.dumps({"orders": [first]}), headers={"Link": link})
    )
    api.answers = {f"{begins}?limit=20&page_info=abc%3D": {"orders": [second]}}
    press(as_rosa, shop)
    assert catch_up(shop) == 2, row().problem
    assert numbers() == ["1042", "1045"]
    assert "status=any" in api.asked[0] and "updated_at_min=" in api.asked[0]
    assert api.headers[1]["x-shopify-access-token"] == "test-access-token"
    assert all(headers["host"] in api.site for headers in api.headers), "the link's host is not believed"
