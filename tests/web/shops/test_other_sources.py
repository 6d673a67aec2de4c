"""Any other source: signed in any of the usual ways, read by what a person picked in a payload."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.features.privacy import erasure
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery, ShopWord
from automations.models.tables.store import Store
from tests.kit import everywhere, own_fields, shop
from tests.web.api.test_inbound_webhooks import SECRET as STANDARD
from tests.web.api.test_inbound_webhooks import headers_of
from tests.web.pages import text_of

PAGE = "/settings/shops"
SECRET = "petals and thorns"


class Other:
    """A connection of any other source, and someone who sends by it."""

    def __init__(self, app: Flask, admin: FlaskClient, way: str = "none", **form: str) -> None:
        admin.post(PAGE, data={"kind": "other", "name": "Market"})
        self.admin, self.client = admin, app.test_client()
        self.id = db.session.query(ShopConnection).order_by(ShopConnection.id.desc()).limit(1).one().id
        self.page = f"{PAGE}/{self.id}"
        if way:
            assert admin.post(f"{self.page}/signature", data={"way": way, **form}).status_code == 303
        self.address = f"/hooks/other/{self.row.token}"

    @property
    def row(self) -> ShopConnection:
        db.session.expire_all()
        return db.session.get_one(ShopConnection, self.id)

    def send(self, payload: Any, **headers: str) -> TestResponse:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return self.client.post(self.address, data=body, headers=headers)

    def pick(self, **paths: list[Any]) -> None:
        for field, path in paths.items():
            form = {"field": field.replace("__", "."), "path": json.dumps(path)}
            answer = self.admin.post(f"{self.page}/mapping", data=form)
            assert answer.status_code == 303, text_of(answer)

    def mapping(self, **query: str) -> str:
        return text_of(self.admin.get(f"{self.page}/mapping", query_string=query))


@pytest.fixture
def other(app: Flask, as_ada: FlaskClient) -> Other:
    return Other(app, as_ada)


def payload(**changes: Any) -> dict[str, Any]:
    order: dict[str, Any] = {
        "reference": "M-1",
        "uid": 77,
        "state": "open",
        "paid": True,
        "sum": "84.50",
        "changed": "2026-11-20T10:00:00Z",
        "buyer": {"full name": "Iris May Hallam", "mail": "iris@post.example"},
        "basket": [
            {"title": "Roses", "n": 2, "each": 30.0, "code": "R-1"},
            {"title": "Vase", "n": 1, "each": "24.50"},
        ],
    }
    return {"kind": "order.saved", "order": order | changes}


def mapped(other: Other) -> Other:
    other.send(payload(reference=""))
    at = ["order"]
    other.pick(number=[*at, "reference"], id=[*at, "uid"], at=[*at, "changed"], status=[*at, "state"])
    other.pick(payment_status=[*at, "paid"], total=[*at, "sum"], lines=[*at, "basket"])
    other.pick(customer__name=[*at, "buyer", "full name"], customer__email=[*at, "buyer", "mail"])
    first = [*at, "basket", 0]
    other.pick(line__name=[*first, "title"], line__quantity=[*first, "n"], line__unit_price=[*first, "each"])
    return other


def order_of(number: str = "M-1") -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number=number).one()


def signatures(body: bytes) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """The form of each way, and the headers of a genuine message."""
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256)
    b64 = base64.b64encode(digest.digest()).decode()
    standard = headers_of(body, STANDARD)
    basic = base64.b64encode(b"market:petals").decode()
    return {
        "none": ({}, {}),
        "hex": ({"secret": SECRET}, {"X-Signature": f"sha256={digest.hexdigest().upper()}"}),
        "base64": ({"secret": SECRET, "header": "X-Market-Hmac"}, {"X-Market-Hmac": b64}),
        "standard": (
            {"secret": STANDARD},
            {name.replace("webhook-", "svix-"): value for name, value in standard.items()},
        ),
        "token": ({"secret": SECRET}, {"Authorization": f"Bearer {SECRET}"}),
        "basic": ({"secret": "market:petals"}, {"Authorization": f"Basic {basic}"}),
    }


@pytest.mark.parametrize("way", ["none", "hex", "base64", "standard", "token", "basic"])
def test_each_way_of_proof_takes_the_genuine_message_alone(app: Flask, as_ada: FlaskClient, way: str) -> None:
    body = json.dumps(payload()).encode()
    form, headers = signatures(body)[way]
    other = Other(app, as_ada, way, **form)
    assert other.send(body, **headers).status_code == 200
    if way == "none":
        return
    for wrong in ({}, {name: value[:-3] + "abc" for name, value in headers.items()}):
        assert other.send(body, **wrong).status_code == 401
    if way not in ("token", "basic"):
        assert other.send(body + b" ", **headers).status_code == 401
    page = text_of(as_ada.get(other.page))
    assert "refused" in page and SECRET not in as_ada.get(other.page).text


def test_before_a_way_is_chosen_nothing_is_taken(app: Flask, as_ada: FlaskClient) -> None:
    other = Other(app, as_ada, way="")
    answer = other.send(payload())
    assert answer.status_code == 401 and "Nobody has chosen yet" in answer.text
    assert "Choose how its messages are authenticated" in text_of(as_ada.get(other.page))
    assert db.session.query(ShopDelivery).count() == 0


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose how its messages are authenticated"),
        ({"way": "hex", "secret": SECRET, "header": "X Signature:"}, "Name the header"),
        ({"way": "hex", "secret": "short"}, "Paste the whole secret"),
        ({"way": "standard", "secret": "no base64"}, "A signing secret is"),
        ({"way": "basic", "secret": "market"}, "a colon and the password"),
    ],
)
def test_a_way_that_cannot_be_used_is_said(other: Other, form: dict[str, str], sentence: str) -> None:
    answer = other.admin.post(f"{other.page}/signature", data=form)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert other.row.options["signature"] == {"way": "none"}


def test_what_is_picked_is_shown_and_then_taken(other: Other) -> None:
    shop.publish_automation("Paid", "payment_status_changed", after="paid")
    mapped(other)
    page = other.mapping()
    assert "Number: there is nothing at order.reference." in page
    for shown in ("84.50", "2 × Roses at 30.00, 1 × Vase at 24.50", "Iris May Hallam", "title of each item"):
        assert shown in page
    assert page.count("No meaning yet") == 2
    other.send(payload())
    order = order_of()
    assert (str(order.total), order.status, order.payment_status) == ("84.50", "unconfirmed", "unpaid")
    assert order.customer and (order.customer.first_name, order.customer.last_name) == ("Iris May", "Hallam")
    assert [(line["name"], line["quantity"]) for line in order.lines] == [("Roses", 2), ("Vase", 1)]
    words = {word.said: word for word in db.session.query(ShopWord)}
    assert (words["true"].kind, words["true"].count, words["open"].is_waiting) == ("payment_status", 1, True)
    other.admin.post(f"{other.page}/words", data={f"word-{words['true'].id}": "payment_status=paid"})
    answer = other.admin.post(f"{other.page}/retakes", data={"back": "mapping"}, follow_redirects=True)
    # The first payload has no number still.
    assert "1 of 2 changed." in text_of(answer) and "Field mapping" in text_of(answer)
    assert order_of().payment_status == "paid"
    assert [run.evaluation.version.name for run in shop.runs()] == ["Paid"]


def test_where_when_and_how_an_order_goes_is_picked_too(other: Other) -> None:
    where = {"line": "1 Mill Lane\nFlat 2", "town": "Bath", "zip": "BA1 1AA"}
    goes = {"ship": where, "slot": "1–3 pm", "occasion": "Funeral", "how": "pick-up"}
    mapped(other).send(payload(**goes))
    at = ["order", "ship"]
    other.pick(delivery_address__street=[*at, "line"], delivery_address__city=[*at, "town"])
    other.pick(delivery_address__postcode=[*at, "zip"], delivery_from=["order", "slot"])
    other.pick(delivery_until=["order", "slot"], order_type=["order", "occasion"])
    other.pick(fulfilment_method=["order", "how"])
    page = other.mapping()
    assert "13:00" in page and "15:00" in page and "BA1 1AA" in page and "→ Funeral" in page
    other.admin.post(f"{other.page}/retakes")
    order = order_of()
    assert order.delivery_address == {"street": where["line"], "city": "Bath", "postcode": "BA1 1AA"}
    assert (order.delivery_from, order.delivery_until, order.order_type) == ("13:00", "15:00", "funeral")
    word = db.session.query(ShopWord).filter_by(said="pick-up").one()
    assert (word.kind, word.is_waiting) == ("method", True)
    other.admin.post(f"{other.page}/words", data={f"word-{word.id}": "fulfilment_method=collection"})
    other.send(payload(**goes, changed="2026-11-21T10:00:00Z"))
    assert order_of().fulfilment_method == "collection"
    answer = other.send(payload(reference="M-2", uid=78, slot="soon"))
    assert answer.json and "“soon” cannot be read as a time of day." in answer.json["detail"]


def test_once_and_the_newer_stays_and_what_staff_changed_too(other: Other) -> None:
    mapped(other)
    assert other.send(payload()).json == other.send(payload()).json and other.row.repeated == 1
    shop.place_order("M-1", note="Ours")
    later, earlier = "2026-11-21T10:00:00Z", "2026-11-19T10:00:00Z"
    other.send(payload(sum="90.00", changed=later))
    answer = other.send(payload(sum="1.00", changed=earlier))
    assert answer.json and answer.json["outcome"] == "older"
    assert (str(order_of().total), order_of().note) == ("90.00", "Ours")


def test_a_payload_without_what_is_needed_is_kept_and_tried_again(other: Other) -> None:
    answer = other.send(payload())
    assert answer.json and "is not mapped yet." in answer.json["detail"]
    other.pick(number=["order", "reference"], total=["order", "state"])
    delivery = db.session.query(ShopDelivery).one()
    retry = f"/settings/shop-deliveries/{delivery.id}/retakes"
    assert "Total: “open” cannot be read as an amount" in text_of(
        other.admin.post(retry, follow_redirects=True)
    )
    other.pick(total=["order", "sum"])
    assert "Order M-1 added." in text_of(other.admin.post(retry, follow_redirects=True))


def test_a_change_of_what_is_picked_is_applied_to_what_came_in(other: Other) -> None:
    mapped(other)
    other.send(payload())
    other.send(payload(reference="M-2", uid=78))
    other.pick(note=["kind"])
    assert "3 messages of the last 30 days would be read differently now" in other.mapping()
    other.admin.post(f"{other.page}/retakes")
    assert (order_of().note, order_of("M-2").note) == ("order.saved", "order.saved")
    assert "1 message of the last 30 days" not in other.mapping()


def test_another_id_or_time_makes_no_second_order(other: Other) -> None:
    other.send(payload())
    other.pick(number=["order", "reference"])
    other.admin.post(f"{other.page}/retakes")
    other.pick(id=["order", "uid"], at=["order", "changed"])
    other.admin.post(f"{other.page}/retakes")
    other.pick(id=["order", "buyer", "mail"], total=["order", "sum"])
    other.admin.post(f"{other.page}/retakes")
    assert (db.session.query(Order).count(), str(order_of().total)) == (1, "84.50")


def test_events_amounts_in_cents_and_own_fields(other: Other) -> None:
    own_fields.own_field("Marquee", "bool", "event")
    other.admin.post(f"{other.page}/mapping/kind", data={"subject": "event", "minor": "on", "only": "a, b"})
    other.send({"about": "c"})
    other.send(
        {"about": "b", "no": 5, "what": "Petrova wedding", "day": "2027-06-12", "sum": 540000} | {"m": True}
    )
    other.pick(about=["about"], number=["no"], name=["what"], event_date=["day"], total=["sum"])
    other.pick(custom__marquee=["m"])
    page = other.mapping()
    assert "5400.00" in page and "2027-06-12" in page
    other.admin.post(f"{other.page}/retakes")
    event = db.session.query(Event).one()
    assert (event.number, event.name, str(event.total)) == ("5", "Petrova wedding", "5400.00")
    assert event.custom == {"marquee": True}
    sentences = {one.sentence for one in db.session.query(ShopDelivery)}
    assert sentences == {"Event 5 added.", "“c” is what it is about, and only a, b is taken."}


def test_only_values_of_the_payload_are_picked(other: Other) -> None:
    other.send(payload())
    for field, path, sentence in (
        ("total", '["order", true]', "That value cannot be picked"),
        ("total", '"order.sum"', "That value cannot be picked"),
        ("total", json.dumps(["x"] * 30), "That value cannot be picked"),
        ("total", '["\\ud800"]', "That value cannot be picked"),
        ("line.name", '["order", "basket", 0, "title"]', "Pick the list of items first"),
    ):
        answer = other.admin.post(f"{other.page}/mapping", data={"field": field, "path": path})
        assert answer.status_code == 422 and sentence in text_of(answer)
    assert (
        other.admin.post(f"{other.page}/mapping", data={"field": "store_id", "path": "[]"}).status_code == 404
    )
    other.pick(lines=["order", "basket"])
    answer = other.admin.post(f"{other.page}/mapping", data={"field": "line.name", "path": '["kind"]'})
    assert answer.status_code == 422 and "not inside an item of the list" in text_of(answer)
    assert other.row.options["mapping"] == {"paths": {"lines": ["order", "basket"]}}


def test_hostile_payloads_are_shown_as_text(other: Other) -> None:
    bad = '<script>alert("x")</script>'
    deep: Any = {"end": 1}
    for _ in range(400):
        deep = {"d": [deep]}
    wide = {f"k{number}": number for number in range(5000)}
    for sent in (
        {bad: bad, "\ud800": "\udfff", "": "\0", "{{ 7*7 }}": "{{ 7*7 }}"},
        deep,
        wide,
        [[], {}, None],
    ):
        assert other.send(sent).status_code == 200
        page = other.admin.get(f"{other.page}/mapping")
        assert page.status_code == 200 and bad not in page.text and len(page.text) < 1_000_000
    other.send({bad: bad})
    page = other.admin.get(f"{other.page}/mapping")
    (path,) = (html.unescape(one) for one in re.findall(r'name="path" value="([^"]*)"', page.text))
    other.admin.post(f"{other.page}/mapping", data={"field": "number", "path": path})
    assert bad in text_of(other.admin.get(f"{other.page}/mapping")).replace("&#34;", '"')
    for broken in (b"{", b"\xff\xfe", b"[" * 100_000, b"7", b""):
        assert other.send(broken).status_code == 200
        assert other.admin.get(f"{other.page}/mapping").status_code == 200


def test_another_store_does_not_see_it(other: Other, as_mallory: FlaskClient) -> None:
    other.send(payload())
    assert as_mallory.get(f"{other.page}/mapping").status_code == 404
    assert as_mallory.post(f"{other.page}/mapping/kind", data={"subject": "event"}).status_code == 404
    with write() as session:
        session.get_one(ShopConnection, other.id).kind = "shopify"
    assert other.admin.get(f"{other.page}/mapping").status_code == 404
    assert other.admin.post(f"{other.page}/signature", data={"way": "none"}).status_code == 404


def test_what_was_not_understood_is_erased_with_its_customer(other: Other, bloom: Store) -> None:
    mapped(other)
    other.send(payload())
    other.send(payload(reference=""))
    customer_id, now = order_of().customer_id, dt.datetime.now(dt.UTC)
    with write() as session:
        erasure.erase(session, bloom, session.get_one(Customer, customer_id), now)
    assert everywhere.find_in_database(["iris@post.example", "Hallam"]) == {}
