"""Helpers for tests of pages: signing in, the words of a response, fragments."""

from __future__ import annotations

import datetime as dt
import html
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.access import browser_sessions
from automations.models.db.base import write
from automations.models.tables.people import User
from automations.web.kit import cookies
from tests.world import PASSWORD

EMAILS = {
    "ada": "ada@bloom.example",
    "rosa": "rosa@bloom.example",
    "finn": "finn@bloom.example",
    "mallory": "mallory@thorn.example",
}


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> FlaskClient:
    """Sign in a person of tests/world.py by their first name."""
    answer = client.post("/sign-in", data={"email": EMAILS[name], "password": password})
    assert answer.status_code == 303, answer.text
    return client


def signed_in(client: FlaskClient, name: str) -> FlaskClient:
    """Return the client with a session of that person, as the sign-in page starts one, for tests of all else.

    Asking for the page takes as long as many a test.
    """
    client.set_cookie(cookies.SIGN_IN, new_session(name, "Werkzeug"))
    return client


def new_session(name: str, browser: str) -> str:
    """Start a session of that person in a browser, and return the token for its cookie."""
    with write() as session:
        person = session.query(User).filter_by(email=EMAILS[name]).one()
        where = browser_sessions.Browser(browser, "127.0.0.1")
        return browser_sessions.start(session, person, where, dt.datetime.now(dt.UTC))


def text_of(answer: TestResponse) -> str:
    """Return the words of a page, without tags and with single spaces."""
    # A mark stands within a word, as it does for a reader.
    without_tags = re.sub(r"<[^>]+>", " ", re.sub(r"</?mark>", "", answer.text))
    return " ".join(html.unescape(without_tags).split())


def assert_fragment(answer: TestResponse, element_id: str) -> None:
    """Assert that the answer is a part of a page and holds the element to swap."""
    assert answer.status_code < 400, answer.text
    assert "<html" not in answer.text
    assert f'id="{element_id.lstrip("#")}"' in answer.text
    assert "HX-Request" in answer.headers.get("Vary", "")
