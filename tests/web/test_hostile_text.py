"""Hostile text in everything that is stored or typed is rendered as text."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.hostile import hostile_shop, hostile_text
from tests.web.building import HTMX
from tests.web.pages import sign_in


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User, as_ada: FlaskClient) -> dict[str, Any]:
    sign_in(app.test_client(), "rosa")
    return hostile_shop.build(bloom, rosa)


@pytest.mark.slow
def test_no_page_or_fragment_renders_stored_text_as_markup(
    app: Flask, ids: dict[str, Any], as_ada: FlaskClient
) -> None:
    shown = 0
    for address in hostile_shop.pages(app, ids):
        for headers in ({}, HTMX):
            answer = as_ada.get(address, headers=headers)
            assert answer.status_code < 500, (address, answer.status_code)
            shown += b"boom()" in answer.data
            if answer.mimetype == "text/html" and (not headers or answer.vary):
                assert hostile_text.injected(answer.text) == [], address
    assert shown > 60


def test_a_page_without_escaping_would_be_detected(
    app: Flask, ids: dict[str, Any], as_ada: FlaskClient
) -> None:
    with hostile_text.unescaped(app):
        for address in ("/orders", "/tasks", "/activity", "/settings/team", "/settings/audit"):
            assert hostile_text.injected(as_ada.get(address).text), address
    assert hostile_text.injected(as_ada.get("/orders").text) == []
