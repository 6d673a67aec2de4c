"""A store with its own outside servers, where the seed tests observe everything that is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from pytest_httpserver import HTTPServer

from tests.kit.outside.outside import allowing
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server
from tests.seeds.store import OpenStore


@pytest.fixture(scope="session")
def mail_server() -> Iterator[SmtpSink]:
    with SmtpSink() as found:
        yield found


@pytest.fixture
def store(
    app: Flask, mail_server: SmtpSink, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenStore]:
    """Its forms need their tokens, and its email goes out over SMTP."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    mail_server.emails.clear()
    mail_server.recipients.clear()
    with allowing("127.0.0.1", "localhost"):
        use_smtp_server(app, mail_server.port)
        yield OpenStore(app, mail_server, httpserver)
