"""security.txt, which says where to report a vulnerability (RFC 9116)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from automations.web.setup import config
from tests.world import NOW

PATH = "/.well-known/security.txt"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("safety@bloom.example", "mailto:safety@bloom.example"),
        ("mailto:safety@bloom.example", "mailto:safety@bloom.example"),
        ("https://bloom.example/safety", "https://bloom.example/safety"),
        ("tel:+44-20-7946-0958", "tel:+44-20-7946-0958"),
    ],
)
def test_the_file_names_the_contact_and_its_expiry(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, given: str, shown: str
) -> None:
    monkeypatch.setitem(app.config, "SECURITY_CONTACT", config._contact(given))
    with time_machine.travel(NOW, tick=False):
        answer = client.get(PATH)
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.content_type == "text/plain; charset=utf-8"
    assert fields["Contact"] == shown
    assert fields["Canonical"] == f"{app.config['PUBLIC_URL']}{PATH}"
    expires = dt.datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    assert dt.timedelta(days=30) < expires - NOW < dt.timedelta(days=365)


def test_without_a_contact_the_file_is_not_found(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    "text", ["ask Ada", "http://bloom.example", "safety@bloom.example\nExpires: never", "@"]
)
def test_an_invalid_contact_stops_the_start(text: str) -> None:
    with pytest.raises(config.BadConfiguration, match="SECURITY_CONTACT"):
        config._contact(text)
