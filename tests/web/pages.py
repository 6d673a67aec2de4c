"""Helpers for tests of pages: signing in, the words of a response, fragments."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

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


def text_of(answer: TestResponse) -> str:
    """Return the words of a page, without tags and with single spaces."""
    without_tags = re.sub(r"<[^>]+>", " ", answer.text)
    return " ".join(html.unescape(without_tags).split())


def assert_fragment(answer: TestResponse, element_id: str) -> None:
    """Assert that the answer is a part of a page and holds the element to swap."""
    assert answer.status_code < 400, answer.text
    assert "<html" not in answer.text
    assert f'id="{element_id.lstrip("#")}"' in answer.text
    assert "HX-Request" in answer.headers.get("Vary", "")
