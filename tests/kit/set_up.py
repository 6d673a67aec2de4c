"""What a person sets up on the settings pages, done directly."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.secret_encryption import SecretBox
from automations.models.access import api_keys
from automations.models.db.base import write
from automations.models.settings.call_limits import CallLimits
from automations.models.tables.people import User
from automations.models.tables.store import Connection, Store
from tests.world import NOW, PASSWORD


def use_smtp_server(app: Flask, port: int, store: str = "Bloom & Wild St") -> None:
    """Send the store's email through a server on this machine."""
    settings = {"host": "127.0.0.1", "port": port, "security": "none", "username": ""}
    with write() as session:
        home = session.query(Store).filter_by(name=store).one()
        secret = SecretBox([app.config["SECRET_KEY"]]).encrypt("unused")
        session.add(
            Connection(store_id=home.id, kind="smtp", settings=settings, secret=secret, updated_at=NOW)
        )


def calls_at_once(limit: int, store: str = "Bloom & Wild St", **hosts: int) -> None:
    """Let so many requests of the store be under way to one host at the same time."""
    settings = CallLimits(limit, hosts).to_settings()
    with write() as session:
        home = session.query(Store).filter_by(name=store).one()
        session.add(Connection(store_id=home.id, kind="http", settings=settings, updated_at=NOW))


def api_key(name: str, store: str = "Bloom & Wild St", scope: str = "write") -> str:
    """Create a key of the API and return its secret."""
    with write() as session:
        home = session.query(Store).filter_by(name=store).one()
        ada = session.query(User).order_by(User.id).first()
        assert ada is not None
        _, secret = api_keys.create(session, home, name, scope, ada, NOW)
    return secret


def sign_in(client: FlaskClient, email: str) -> None:
    """Sign the browser in through the real form."""
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
