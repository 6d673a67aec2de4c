"""Counts and limits in sentences are written as the store writes them; those of the API stay British."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import write
from automations.models.tables.store import Store
from tests.web.api.conftest import till_of
from tests.web.pages import signed_in, text_of

_LONG = {"status": "unconfirmed", "payment_status": "unpaid", "note": "x" * 10_001}


def test_a_form_names_its_limits_with_the_separators_of_the_store(app: Flask, client: FlaskClient) -> None:
    rosa = signed_in(client, "rosa")
    assert "Shorten it to 10,000 characters." in text_of(rosa.post("/orders", data=_LONG))
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().language = "de-DE"
    assert "Shorten it to 10.000 characters." in text_of(rosa.post("/orders", data=_LONG))
    refused = till_of(app).post("/api/orders", {"number": "1", **_LONG})
    assert "Needs at most 10,000 characters, this has 10,001." in refused.text
