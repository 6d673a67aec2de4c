"""Each store gets the connectors of its own providers; one that cannot be read refuses by its name."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import db, run_in_write
from automations.models.tables import secret
from automations.models.tables.run import Attempt
from automations.models.tables.store import Store
from automations.pipeline.providers.store_connectors import connectors_for
from tests.kit import shop
from tests.kit.doing import BOX, add_connection, perform_due
from tests.kit.outside.outside import allowing
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
OTHER_BOX = SecretBox(["a key that was thrown away"])


def test_providers_whose_secrets_cannot_be_read_keep_their_names(bloom: Store) -> None:
    add_connection("smtp", {"host": "mail.example", "port": 25, "security": "none"}, "password")
    add_connection("sms", {"preset": "twilio", "account": "AC1", "sender": "Bloom"}, "token")
    add_connection("chat", {}, "json://chat.example/room")
    connectors = connectors_for(db.session(), bloom.id, OTHER_BOX, NOW)
    named = (connectors.email.key, connectors.sms.key, connectors.chat.key)
    assert named == ("smtp", "sms", "chat")


def test_another_store_has_none_of_them(app: Any) -> None:
    add_connection("smtp", {"host": "mail.example", "port": 25, "security": "none"}, "password")
    add_connection("sms", {"preset": "twilio", "account": "AC1", "sender": "Bloom"}, "token")
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    connectors = connectors_for(db.session(), thorn.id, BOX, NOW)
    assert (connectors.email.key, connectors.sms.key) == ("mailbox", "mailbox")


def test_what_a_gateway_repeats_of_the_stores_secrets_is_masked(httpserver: HTTPServer) -> None:
    def keep(session: Any) -> None:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        secret.keep(session, store.id, "courier", "rosebud-9-rosebud", "", BOX, NOW)

    run_in_write(keep)
    httpserver.expect_request("/sms").respond_with_data(
        "not rosebud-9-rosebud, not token-4-token", status=400
    )
    url = httpserver.url_for("/sms")
    add_connection("sms", {"preset": "generic", "url": url, "sender": "Bloom"}, "token-4-token")
    message = {"to": "customer", "number": "", "message": "Ready"}
    shop.publish_automation("Text", "created", actions=[{"kind": "send_sms", "settings": message}])
    shop.place_order(customer_id=1)
    with allowing("localhost", "127.0.0.1"):
        perform_due(NOW + dt.timedelta(seconds=1))
    db.session.rollback()
    (attempt,) = db.session.query(Attempt).all()
    assert attempt.result == "refused"
    told = f"{attempt.detail} {attempt.answer}"
    assert "rosebud-9" not in told and "token-4" not in told
