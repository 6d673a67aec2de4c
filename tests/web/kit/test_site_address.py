"""The addresses that Settings shows can be given to someone else as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.web.setup import config
from tests.web.pages import text_of

HERE = "http://localhost:8123"
WEBHOOKS, EASYPOST = "/settings/webhooks", "/settings/connections/easypost"


def addresses(client: FlaskClient) -> list[str]:
    """Return the words on the pages that show an address for other programs, read at port 8123."""
    client.post(WEBHOOKS, data={"name": "Web shop"})
    client.post(EASYPOST, data={"secret": "rose petals and thorns"})
    pages = [text_of(client.get(page, base_url=HERE)) for page in (WEBHOOKS, EASYPOST)]
    return [word for page in pages for word in page.split() if "/hooks/" in word]


def test_they_are_those_of_the_port_that_the_browser_uses(as_ada: FlaskClient) -> None:
    shown = addresses(as_ada)
    assert len(shown) == 2 and all(address.startswith(f"{HERE}/hooks/") for address in shown), shown


def test_they_follow_public_url_once_it_is_set(
    app: Flask, as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example/")
    monkeypatch.setitem(app.config, "PUBLIC_URL_IS_SET", True)
    shown = addresses(as_ada)
    assert len(shown) == 2 and all(address.startswith("https://shop.example/hooks/") for address in shown)


@pytest.mark.parametrize(
    ("environment", "expected", "is_set"),
    [
        ({}, "http://localhost:8000", False),
        ({"PORT": "8123"}, "http://localhost:8123", False),
        ({"PORT": "8123", "PUBLIC_URL": "https://shop.example"}, "https://shop.example", True),
    ],
)
def test_links_in_messages_name_the_port_that_is_served(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    expected: str,
    is_set: bool,
) -> None:
    for name in ("PORT", "PUBLIC_URL", "DATABASE_URL", "SECRET_KEY", "PRODUCTION", "TRUSTED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = config.from_environment()
    config.finish(settings)
    assert (settings["PUBLIC_URL"], settings["PUBLIC_URL_IS_SET"]) == (expected, is_set)
