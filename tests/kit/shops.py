"""Shops that send: connections with known secrets, and the payloads in tests/kit/payloads, signed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.connectors.secret_encryption import SecretBox
from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.shop_api import ShopAccess
from automations.models.db.base import db, write
from automations.models.settings import shop_connections
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.shop_connection import ShopConnection
from automations.models.tables.store import Store
from automations.pipeline.sources import fetching
from automations.web.kit.secret_box import secret_box

FOLDER = Path(__file__).parent / "payloads"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
SECRETS: dict[str, str] = EXPECTED["secrets"]
_HEADERS = {
    "shopify": "X-Shopify-Hmac-Sha256",
    "woocommerce": "X-WC-Webhook-Signature",
    "aftership": "aftership-hmac-sha256",
    "square": "x-square-hmacsha256-signature",
}


class Shop:
    """One connection, and someone who sends by it."""

    def __init__(
        self,
        app: Flask,
        kind: str,
        name: str = "",
        store: str = "Bloom & Wild St",
        connected_at: dt.datetime | None = None,
    ) -> None:
        self.kind, self.client, self.app = kind, app.test_client(), app
        with app.test_request_context(), write() as session:
            bloom = session.query(Store).filter_by(name=store).one()
            ada = session.query(User).filter_by(email="ada@bloom.example").one()
            now = dt.datetime.now(dt.UTC)
            box, label = secret_box(), name or SOURCES[kind].label
            connection, _ = shop_connections.create(session, bloom, ada, kind, label, box, now)
            shop_connections.set_secret(session, connection, ada, secret_of(kind), box, now)
            connection.created_at = connected_at or now
            session.flush()
            self.id, self.token = connection.id, connection.token
        self.address = f"/hooks/{kind}/{self.token}"

    def send(
        self, payload: Any, topic: str = "", delivery: str = "", secret: str = "", **headers: str
    ) -> TestResponse:
        """Send a payload, signed now as the source signs."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signed = self.signed(body, secret)
        if self.kind == "shopify":
            signed |= {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": delivery}
        if self.kind == "woocommerce":
            signed |= {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": delivery}
        return self.client.post(self.address, data=body, headers=signed | headers)

    def signed(self, body: bytes, secret: str = "") -> dict[str, str]:
        """Return the headers by which the source proves now that it sent these bytes."""
        return _signed(self.kind, body, secret or secret_of(self.kind), self.address)

    def options(self, **options: Any) -> None:
        """Change options of the connection."""
        with write() as session:
            row = session.get_one(ShopConnection, self.id)
            row.options = {**row.options, **options}

    def may_ask(self, site: str, token: str = "test-access-token", account: str = "") -> None:
        """Give the connection an access token for the API at an address."""
        with self.app.app_context(), write() as session:
            row = session.get_one(ShopConnection, self.id)
            ada = session.get_one(User, row.created_by)
            access, box = ShopAccess(site, token, account), SecretBox([self.app.config["SECRET_KEY"]])
            shop_connections.set_access(session, row, ada, access, box, dt.datetime.now(dt.UTC))

    def fetch(self, later: dt.timedelta = dt.timedelta(0)) -> int:
        """Fetch what is due, as the worker does; return how many records came."""
        db.session.rollback()
        box = SecretBox([self.app.config["SECRET_KEY"]])
        return fetching.fetch_from(self.id, lambda: dt.datetime.now(dt.UTC) + later, box)

    @property
    def row(self) -> ShopConnection:
        """The connection as it is now."""
        db.session.expire_all()
        return db.session.get_one(ShopConnection, self.id)


def secret_of(kind: str) -> str:
    """Return the secret with which a source signs in the tests."""
    return SECRETS.get(kind, f"test-secret-of-{kind}")


def _signed(kind: str, body: bytes, secret: str, address: str) -> dict[str, str]:
    now = str(int(dt.datetime.now(dt.UTC).timestamp()))
    if kind in ("stripe", "shippo"):
        name = "Stripe-Signature" if kind == "stripe" else "Shippo-Auth-Signature"
        return {name: f"t={now},v1={_hex(secret, f'{now}.'.encode() + body)}"}
    if kind == "lightspeed":
        return {"X-Signature": f"signature={_hex(secret, body)}, algorithm=HMAC-SHA256"}
    if kind == "bigcommerce":
        signature = sign(f"msg-1.{now}.".encode() + body, secret)
        return {"webhook-id": "msg-1", "webhook-timestamp": now, "webhook-signature": f"v1,{signature}"}
    # Square signs the address as well, as it was registered.
    before = f"http://localhost{address}".encode() if kind == "square" else b""
    return {_HEADERS[kind]: sign(before + body, secret)}


def _hex(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def sign(body: bytes, secret: str) -> str:
    """Return a signature over the body alone."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def payload(name: str, **changes: Any) -> dict[str, Any]:
    """Return a payload of the folder, changed at its top."""
    return {**json.loads((FOLDER / name).read_text(encoding="utf-8")), **changes}


def body_of(delivery: dict[str, Any]) -> bytes:
    """Return the bytes of an example's delivery."""
    return (FOLDER / delivery["file"]).read_bytes() if "file" in delivery else str(delivery["body"]).encode()


def stored(client: FlaskClient, number: str) -> dict[str, Any]:
    """Return what the store has of an order, in the terms of the examples."""
    db.session.expire_all()
    order = db.session.query(Order).filter_by(number=number).one()
    kept = {column.key: getattr(order, column.key) for column in order.__table__.columns}
    kept["balance_due"] = order.balance_due
    customer = order.customer
    kept["customer"] = (
        {
            "email": customer.email,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "phone": customer.phone,
            "marketing_consent": customer.marketing_consent,
        }
        if customer
        else None
    )
    return kept


def differences(kept: dict[str, Any], expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what is not as expected: by name, (what it is, what was expected)."""
    wrong = {}
    for name, value in expected.items():
        have = _comparable(kept[name], value)
        if have != value and not _same(have, value):
            wrong[name] = (have, value)
    return wrong


def _comparable(have: Any, value: Any) -> Any:
    if isinstance(value, dict) and isinstance(have, dict):
        return {name: part for name, part in have.items() if name in value or part not in ("", None, False)}
    if isinstance(have, dt.datetime):
        return have.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return have.isoformat() if isinstance(have, dt.date) else have


def _same(have: Any, value: Any) -> bool:
    """Whether two values are the same as amounts, moments or lines."""
    if isinstance(value, list) and isinstance(have, list) and len(have) == len(value):
        return all(
            all(_same(mine.get(name), part) for name, part in line.items())
            if isinstance(line, dict)
            else mine == line
            for mine, line in zip(have, value, strict=True)
        )
    if have == value:
        return True
    if isinstance(value, str) and isinstance(have, str) and value.endswith("Z") and have.endswith("Z"):
        return dt.datetime.fromisoformat(have) == dt.datetime.fromisoformat(value)
    try:
        return Decimal(str(have)) == Decimal(str(value))
    except ArithmeticError:
        return False
