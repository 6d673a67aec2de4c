"""Every file comes whole over a real connection, where the request is over before the first line is sent."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import live
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.web.pages import sign_in


def cookies(client: FlaskClient, address: str) -> str:
    """Return what a signed-in browser sends along."""
    request = client.get(address).request
    return str(request.headers["Cookie"])


def test_every_file_comes_whole(app: Flask, bloom: Store, rosa: User, as_ada: FlaskClient) -> None:
    sign_in(app.test_client(), "rosa")
    ids = one_of_each(bloom, rosa)
    files = {address for address in page_addresses(app, ids) if address.endswith(".csv")}
    sent, beginnings = cookies(as_ada, "/segments.csv"), set()
    with live.serving(app) as site:
        for address in sorted(files):
            connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
            connection.request("GET", address, headers={"Cookie": sent})
            answer = connection.getresponse()
            # A file that breaks off raises IncompleteRead.
            text = answer.read().decode("utf-8-sig")
            assert answer.status in (200, 404), address
            if answer.status == 200:
                beginnings.add(text.splitlines()[0])
            connection.close()
    assert len(files) > 30 and len(beginnings) > 25
