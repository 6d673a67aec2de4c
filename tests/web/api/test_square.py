"""Square names orders and does not tell them: they are fetched, durably, once, beside the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug import Response

from automations.models.db.base import db, write
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery
from automations.models.tables.shop_fetch import ShopFetch
from automations.pipeline.sources import delivery_intake, fetching
from tests.kit import shop_apis
from tests.kit.shop_apis import PlayedApi
from tests.kit.shops import SECRETS, Shop, payload, sign
from tests.web.pages import text_of

ORDER, PAYMENT = payload("square-order-updated.json"), payload("square-payment-updated.json")
ID = "CAISENtestOrder0000000000008"
PATH = f"/v2/orders/{ID}"


@pytest.fixture
def api() -> Iterator[PlayedApi]:
    with shop_apis.played() as api:
        api.answers = {
            PATH: payload("square-order-fetched.json"),
            "/v2/customers/CUSTTEST0008": payload("square-customer-fetched.json"),
            "/v2/catalog/object/VARPOSY1?include_related_objects=true": payload(
                "square-catalog-fetched.json"
            ),
        }
        yield api


@pytest.fixture
def square(app: Flask) -> Shop:
    return Shop(app, "square", "Mill Road till")


def order() -> Order:
    db.session.expire_all()
    return db.session.query(Order).one()


def outcomes() -> list[str]:
    db.session.expire_all()
    return [one.outcome for one in db.session.query(ShopDelivery).order_by(ShopDelivery.id)]


def event(about: dict[str, Any], id: str) -> dict[str, Any]:
    return {**about, "event_id": id}


def test_without_a_token_the_payment_alone_is_taken_and_the_page_says_what_is_missing(
    square: Shop, api: PlayedApi, as_ada: FlaskClient
) -> None:
    assert square.send(ORDER).json["outcome"] == "waiting"
    assert "access token" in square.send(PAYMENT).json["detail"]
    known = order()
    assert (str(known.total), str(known.amount_paid), known.payment_status) == ("28.40", "28.40", "paid")
    assert (known.source, known.lines, known.customer and known.customer.email) == (
        "till",
        [],
        "wren.ashby@mail.example",
    )
    page = text_of(as_ada.get(f"/settings/shops/{square.id}"))
    assert "Needs its access token" in page and "1 record is still to be fetched" in page
    assert square.fetch() == 0 and api.asked == []
    square.may_ask(api.site)
    assert square.fetch() == 1
    known = order()
    assert [line["sku"] for line in known.lines] == ["POSY-S", ""] and known.status == "fulfilled"
    assert known.customer and known.customer.first_name == "Wren"
    assert db.session.query(ShopFetch).count() == 0
    assert db.session.query(Occurrence).filter_by(subject="order", trigger="created").count() == 1
    assert api.headers[0]["authorization"] == "Bearer test-access-token"


def test_the_answer_does_not_wait_for_the_fetch_and_a_shop_that_is_down_is_asked_again(
    square: Shop, api: PlayedApi
) -> None:
    square.may_ask(api.site)
    api.before = lambda path: Response("", 503)
    assert square.send(ORDER).status_code == 200 and api.asked == []
    assert square.fetch() == 0 and len(api.asked) == 1
    assert outcomes() == ["waiting"] and db.session.query(Order).count() == 0
    assert square.fetch() == 0 and len(api.asked) == 1, "not before the pause is over"
    api.before = lambda path: None
    assert square.fetch(dt.timedelta(seconds=6)) == 1
    assert outcomes() == ["taken"] and order().item_count == 3
    assert square.fetch(dt.timedelta(days=1)) == 0


def test_a_shop_says_how_long_to_wait(square: Shop, api: PlayedApi) -> None:
    square.may_ask(api.site)
    api.before = lambda path: Response("", 429, {"Retry-After": "90"})
    square.send(ORDER)
    square.send(event(payload("square-order-updated.json"), "another") | {"data": _about("OTHER")})
    square.fetch()
    assert len(api.asked) == 1, "the others of this shop wait as well"
    api.before = lambda path: None
    assert square.fetch(dt.timedelta(seconds=85)) == 0
    assert square.fetch(dt.timedelta(seconds=91)) == 1


def test_what_never_comes_is_given_up_after_days_and_can_be_tried_again(
    square: Shop, api: PlayedApi, as_rosa: FlaskClient
) -> None:
    square.may_ask(api.site)
    api.before = lambda path: Response("", 500)
    square.send(ORDER)
    later = dt.timedelta(0)
    while outcomes() == ["waiting"]:
        later += dt.timedelta(hours=2)
        square.fetch(later)
        assert later < dt.timedelta(days=10)
    assert outcomes() == ["failed"] and db.session.query(ShopFetch).count() == 0
    assert len(api.asked) > 70
    assert "Failed: Not fetched" in text_of(as_rosa.get(f"/settings/shops/{square.id}"))
    api.before = lambda path: None
    as_rosa.post("/settings/shop-deliveries/1/retakes")
    assert outcomes() == ["waiting"] and square.fetch() == 1
    assert outcomes() == ["taken"]


def test_a_token_that_is_refused_is_said_and_a_new_one_goes_on_at_once(
    square: Shop, api: PlayedApi, as_ada: FlaskClient
) -> None:
    square.may_ask(api.site)
    api.before = lambda path: Response("", 401)
    square.send(ORDER)
    square.fetch()
    assert "the access token is not valid there" in text_of(as_ada.get(f"/settings/shops/{square.id}"))
    api.before = lambda path: None
    form = {"site": api.site, "token": "a-new-token"}
    page = as_ada.post(f"/settings/shops/{square.id}/access", data=form, follow_redirects=True)
    assert "The access token is saved." in text_of(page) and "a-new-token" not in page.text
    assert square.fetch() == 1 and api.headers[-1]["authorization"] == "Bearer a-new-token"


def test_a_token_is_never_sent_to_another_address(square: Shop, api: PlayedApi, as_ada: FlaskClient) -> None:
    square.may_ask(api.site)
    form = {"site": "https://elsewhere.example", "token": ""}
    page = as_ada.post(f"/settings/shops/{square.id}/access", data=form)
    assert page.status_code == 422 and "another address needs it anew" in text_of(page)
    assert square.row.options["site"] == api.site
    form = {"site": "http://169.254.169.254", "token": "long-enough"}
    page = as_ada.post(f"/settings/shops/{square.id}/access", data=form)
    assert page.status_code == 422 and "is not a public address" in text_of(page)


def test_a_message_that_comes_while_the_order_is_fetched_has_it_fetched_again(
    square: Shop, api: PlayedApi
) -> None:
    square.may_ask(api.site)
    square.send(ORDER)

    def meanwhile(path: str) -> None:
        """Another message comes, which could not be written if a transaction were open here."""
        api.before = lambda path: None
        assert square.send(event(ORDER, "while-it-is-fetched")).status_code == 200

    api.before = meanwhile
    assert square.fetch() == 1
    newer = payload("square-order-fetched.json")
    newer["order"] |= {"version": 4, "state": "CANCELED"}
    api.answers[PATH] = newer
    assert square.fetch() == 1 and order().status == "cancelled"
    assert db.session.query(ShopFetch).count() == 0
    assert db.session.query(Occurrence).filter_by(subject="order", trigger="created").count() == 1


def test_several_messages_about_one_order_are_one_fetch(square: Shop, api: PlayedApi) -> None:
    square.may_ask(api.site)
    for number in range(5):
        square.send(event(ORDER, f"e-{number}"))
    assert square.fetch() == 1 and api.asked.count(PATH) == 1
    assert outcomes() == ["unchanged"] * 4 + ["taken"]


def test_an_order_that_is_not_there_is_looked_for_a_little_longer(square: Shop, api: PlayedApi) -> None:
    square.may_ask(api.site)
    found = api.answers.pop(PATH)
    square.send(ORDER)
    square.fetch()
    assert outcomes() == ["waiting"]
    api.answers[PATH] = found
    assert square.fetch(dt.timedelta(seconds=6)) == 1 and outcomes() == ["taken"]
    square.send(event(ORDER, "gone") | {"data": _about("GONE")})
    for minutes in (0, 1, 5):
        square.fetch(dt.timedelta(minutes=minutes))
    assert outcomes() == ["taken", "not taken"]


def test_the_signature_covers_the_address(square: Shop, app: Flask) -> None:
    other = Shop(app, "square")
    body = b'{"type": "order.updated"}'
    signed = sign(f"http://localhost{other.address}".encode() + body, SECRETS["square"])
    headers = {"x-square-hmacsha256-signature": signed}
    assert square.client.post(other.address, data=body, headers=headers).status_code == 200
    assert square.client.post(square.address, data=body, headers=headers).status_code == 401


def test_a_process_that_dies_while_it_fetches_loses_nothing(
    square: Shop, api: PlayedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    square.may_ask(api.site)
    square.send(ORDER)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fetching, "_settle", lambda *_, **__: _die())
        square.fetch()
    assert square.fetch() == 0 and outcomes() == ["waiting"], "it is still claimed"
    assert square.fetch(fetching.CLAIMED_FOR + dt.timedelta(seconds=1)) == 1
    assert outcomes() == ["taken"] and order().item_count == 3


def test_an_error_of_our_own_keeps_what_was_to_be_fetched(
    square: Shop, api: PlayedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    square.may_ask(api.site)
    square.send(ORDER)
    with monkeypatch.context() as patch:
        patch.setattr(delivery_intake, "take_order", lambda *_: 1 / 0)
        square.fetch()
    assert outcomes() == ["failed"]
    with write() as session:
        delivery_intake.again(session, session.query(ShopDelivery).one(), dt.datetime.now(dt.UTC))
    assert square.fetch() == 1 and outcomes() == ["taken"]


def _die() -> None:
    raise KeyboardInterrupt


def _about(id: str) -> dict[str, Any]:
    return {"type": "order_updated", "id": id, "object": {"order_updated": {"order_id": id}}}
