"""Every page that lists something has a file of it, for the same people; what has none says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.kit.permissions import PERMISSIONS
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.web.pages import sign_in

LINK = re.compile(r'<a class="btn" id="export-csv" href="([^"]+)">')
#: By what a page is known to list something, whatever its endpoint is called.
LISTS = ('<ul class="rows', '<ul class="run-log', "<table", 'class="pager"')
#: Endpoint -> why its page has no file.
NO_FILE = {
    "accounts.show": "one account; the file of the customers names the account of each",
    "archive.new": "a question; what is coming up has a file of its own",
    "arrange.index": "the automations, to be put in order; their list has the file",
    "automation_overviews.show": "the newest runs; all of them have a page with a file",
    "connections.index": "the kinds of connection, the same in every store",
    "help.index": "the program's own texts",
    "imports.show": "one file, of which the refused rows can be downloaded",
    "replays.show": "one entry of the log, which the activity's file has",
    "rule_files.index": "the automations as files, to be downloaded together",
    "settings.index": "links",
    "shop_mapping.index": "a form beside a message",
    "starters.index": "the program's own starters",
}


def pages(app: Flask, client: FlaskClient, ids: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (endpoint, text) of every page a person can open."""
    adapter = app.url_map.bind("localhost")
    for address in page_addresses(app, ids):
        with client.get(address) as answer:
            if answer.status_code == 200 and answer.mimetype == "text/html":
                yield adapter.match(address)[0], answer.text


def unexported(app: Flask, found: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with the pages that list something, by endpoint."""
    adapter, wrong = app.url_map.bind("localhost"), {}
    for endpoint, text in found.items():
        link = LINK.search(text)
        lists = endpoint.endswith(".index") or any(mark in text for mark in LISTS)
        if link is None and lists and endpoint not in NO_FILE:
            wrong[endpoint] = "has no file"
        if link and endpoint in NO_FILE:
            wrong[endpoint] = "has one after all"
        if link:
            file, _ = adapter.match(urlsplit(link[1]).path)
            if PERMISSIONS[file] != PERMISSIONS[endpoint]:
                wrong[endpoint] = f"{PERMISSIONS[endpoint]}, but its file {PERMISSIONS[file]}"
    return wrong


@pytest.fixture
def found(app: Flask, bloom: Store, rosa: User, as_ada: FlaskClient) -> dict[str, str]:
    sign_in(app.test_client(), "rosa")
    return dict(pages(app, as_ada, one_of_each(bloom, rosa)))


@pytest.mark.slow
def test_every_list_has_a_file_for_those_who_may_see_it(app: Flask, found: dict[str, str]) -> None:
    assert unexported(app, found) == {}
    assert NO_FILE.keys() <= found.keys()
    assert sum(LINK.search(text) is not None for text in found.values()) > 30
    unlinked = re.sub(LINK, "", found["segments.index"])
    assert unexported(app, {"segments.index": unlinked}) == {"segments.index": "has no file"}
