"""Every example goes in over a real connection with its signature, and comes out as expected.json says."""

from __future__ import annotations

import datetime as dt
import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.sources.all_sources import SOURCES
from automations.models.db.base import db, write
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopConnection
from tests.kit import live, shop, shop_apis, shops

CASES = [
    case for case in shops.EXPECTED["cases"] if all(one["source"] in SOURCES for one in case["deliveries"])
]
#: Whichever message comes first makes the order, and the other changes nothing.
ROUND = [
    {**case, "name": f"{case['name']}, the other way round", "deliveries": case["deliveries"][::-1]}
    for case in CASES
    if len(case["deliveries"]) > 1
]
USUAL = "2026-11-22T10:00:00Z"


def test_every_example_is_tried() -> None:
    assert shops.EXPECTED["cases"] == CASES and len(CASES) == 10 and len(ROUND) == 1


@pytest.mark.parametrize("case", [*CASES, *ROUND], ids=lambda case: case["name"])
def test_an_example_comes_out_as_expected(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, case: dict[str, Any]
) -> None:
    _before(case)
    kind = case["deliveries"][0]["source"]
    connection, changes = shops.Shop(app, kind), 0
    before = _revisions()
    with shop_apis.played() as api, live.serving(app) as site:
        api.answers = {path.split()[1]: shops.payload(name) for path, name in case.get("fetched", {}).items()}
        if api.answers:
            connection.may_ask(api.site)
        for delivery in case["deliveries"]:
            _registered(app, monkeypatch, connection, delivery.get("url", ""))
            assert _deliver(site, connection, delivery) == delivery["answer"]
            connection.fetch()
            changes += _revisions() != before
            before = _revisions()
    created = db.session.query(Occurrence).filter_by(subject="order", trigger="created").count()
    assert created - len(case.get("before", [])) == case["created"]
    assert changes == case["changes"]
    if case["stored"]:
        assert shops.differences(shops.stored(client, case["stored"]["number"]), case["stored"]) == {}


def _registered(app: Flask, monkeypatch: pytest.MonkeyPatch, connection: shops.Shop, url: str) -> None:
    """Let the connection have the address that the sender was given."""
    parts = urlsplit(url)
    if parts.scheme:
        monkeypatch.setitem(app.config, "PUBLIC_URL", f"{parts.scheme}://{parts.netloc}")
        monkeypatch.setitem(app.config, "PUBLIC_URL_IS_SET", True)
        with write() as session:
            session.get_one(ShopConnection, connection.id).token = parts.path.rpartition("/")[2]
        connection.address = parts.path


def _deliver(site: str, connection: shops.Shop, delivery: dict[str, Any]) -> int:
    """Send the bytes of an example with just its headers; return the status of the answer."""
    query = urlsplit(delivery.get("url", "")).query
    address = f"{connection.address}?{query}" if query else connection.address
    sender = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    with time_machine.travel(dt.datetime.fromisoformat(delivery.get("now", USUAL)), tick=True):
        sender.request("POST", address, shops.body_of(delivery), delivery["headers"])
        status = sender.getresponse().status
    sender.close()
    return status


def _before(case: dict[str, Any]) -> None:
    for order in case.get("before", []):
        values = {name: value for name, value in order.items() if name not in ("number", "source_id")}
        if "placed_at" in values:
            values["placed_at"] = dt.datetime.fromisoformat(values["placed_at"])
        for name in ("total", "amount_paid"):
            if name in values:
                values[name] = shops.Decimal(values[name])
        shop.place_order(order["number"], **values)


def _revisions() -> list[tuple[str, int]]:
    db.session.expire_all()
    return [(order.number, order.revision) for order in db.session.query(Order).order_by(Order.id)]
