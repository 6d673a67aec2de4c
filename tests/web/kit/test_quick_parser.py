"""The quick parser of the tests reads what Python's parser reads."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.kit.pages.quick_parser import QuickParser
from tests.web.pages import sign_in

UNUSUAL = (
    "<p>1 < 2 &amp; 3 &lt; 4</p><b>after</b>",
    "<INPUT TYPE=text Name=a VALUE='x &quot; y'><b>after</b>",
    '<a href="/?a=1&amp;b=2&lt=3" data-words="1 > 0 <b>" hidden>x</a>',
    '<a data-words=\'{"a": "&quot;"}\'>x</a>',
    '<svg viewBox="0 0 1 1"><path d="M0"/><title>A &amp; <b>B</b></title></svg>',
    "<script>if (1 < 2) { '<b>' }</script><style>a > b {}</style><b>after</b>",
    "<textarea name=a>\n&lt;b&gt; <b>bold</b></textarea><b>after</b>",
    '<!DOCTYPE html><!-- <p>no</p> --><p\n class="a"\n>yes</p >',
    '<p class="a" class="b"id="c">twice</p><b>after</b>',
    '<p class="never closed>text</p>',
    "<textarea>never closed <b>bold</b>",
    "<p>ends with &amp; a sign & words",
    "</p></ul ><3 </>",
)


def read(parser: type[HTMLParser], text: str) -> list[Any]:
    """Return everything a parser of this kind finds, in order."""
    found: list[Any] = []

    class Reader(parser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(("start", tag, attrs))

        def handle_endtag(self, tag: str) -> None:
            found.append(("end", tag))

        def handle_data(self, data: str) -> None:
            # Text comes in one piece or in several, which means the same.
            before = found.pop()[1] if found and found[-1][0] == "text" else ""
            found.append(("text", before + data))

    reader = Reader()
    reader.feed(text)
    reader.close()
    return found


@pytest.mark.parametrize("text", UNUSUAL)
def test_unusual_markup_is_read_alike(text: str) -> None:
    assert read(QuickParser, text) == read(HTMLParser, text)


@pytest.mark.of_pages
def test_every_page_is_read_alike(app: Flask, bloom: Store, rosa: User, as_ada: FlaskClient) -> None:
    sign_in(app.test_client(), "rosa")
    count = 0
    for address in page_addresses(app, one_of_each(bloom, rosa)):
        answer = as_ada.get(address)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            assert read(QuickParser, answer.text) == read(HTMLParser, answer.text), address
            count += 1
    assert count > 50
