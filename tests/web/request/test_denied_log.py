"""Refused requests are logged by number, never by name, and the number of lines is limited."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.web.request import denied_log
from automations.web.request.denied_log import LineLimit
from tests.kit.rows import all_rows
from tests.web.api.conftest import till_of
from tests.web.api.test_inbound_webhooks import Service, body_of
from tests.web.pages import EMAILS


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(denied_log, "_limit", LineLimit())


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING, denied_log.__name__):
        yield caplog


def test_a_missing_role_is_logged(as_finn: FlaskClient, log: pytest.LogCaptureFixture) -> None:
    before = all_rows()
    as_finn.get("/settings/team")
    assert log.messages == ["refused: no role to admin, team.index, person 3, from 127.0.0.1"]
    assert EMAILS["finn"] not in log.text and all_rows() == before


def test_an_invalid_key_and_a_missing_scope_are_logged(app: Flask, log: pytest.LogCaptureFixture) -> None:
    till = till_of(app, scope="orders:write")
    till.post("/api/events", {})
    wrong = {"Authorization": "Bearer sa_live_canary5417"}
    app.test_client().get("/api/orders", headers=wrong)
    app.test_client().get("/api/orders")
    assert log.messages == [
        "refused: no scope for events, api.create, key 1, from 127.0.0.1",
        "refused: no valid key, api.index, unknown, from 127.0.0.1",
    ], "a request without a key is answered but not logged"
    assert "canary" not in log.text


def test_a_wrong_signature_is_logged(app: Flask, as_ada: FlaskClient, log: pytest.LogCaptureFixture) -> None:
    service = Service(app, as_ada)
    answer = service.tell(body_of("K-1"), secret="whsec_" + base64.b64encode(bytes(32)).decode())
    assert answer.status_code == 401
    assert log.messages == ["refused: no signature, hooks.records, hook 1, from 127.0.0.1"]


def test_a_form_without_its_token_is_logged(
    app: Flask, as_rosa: FlaskClient, log: pytest.LogCaptureFixture
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert as_rosa.post("/orders").status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert log.messages == ["refused: no token of its form, orders.create, person 2, from 127.0.0.1"]


def test_a_wrong_metrics_token_is_logged(app: Flask, log: pytest.LogCaptureFixture) -> None:
    app.test_client().get("/metrics", headers={"Authorization": "Bearer guessed"})
    assert log.messages == ["refused: no METRICS_TOKEN, metrics.show, unknown, from 127.0.0.1"]


def test_lines_over_the_limit_are_counted_and_not_written() -> None:
    limit = LineLimit(most=3)
    assert [limit.take(100.0 + second) for second in range(5)] == [(True, 0)] * 3 + [(False, 0)] * 2
    assert limit.take(170.0) == (True, 2)
    assert limit.take(171.0) == (True, 0)


def test_the_next_minute_reports_the_lines_left_out(
    as_finn: FlaskClient, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(denied_log, "_limit", LineLimit(most=2))
    for _ in range(5):
        as_finn.get("/settings/team")
    assert len(log.messages) == 2
    monkeypatch.setattr(denied_log, "MINUTE", 0.0)
    as_finn.get("/settings/team")
    assert log.messages[2] == "refused: 3 more in the minute before"
