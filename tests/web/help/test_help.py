"""Help: its pages are those of docs/, escaped and linked; each “?” says what docs/words.md says."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markdown_it import MarkdownIt

from automations.web.help import doc_pages, doc_pieces, help_pages
from tests.kit import shop
from tests.kit.source import ROOT
from tests.web.pages import text_of

DOCS = ROOT / "docs"
#: Every “?” of the templates: the words it explains.
ASKED = {
    slug
    for path in (ROOT / "templates").rglob("*.html")
    for topics in re.findall(r"ui\.help\(\"[\w-]+\", \[([^\]]+)\]", path.read_text(encoding="utf-8"))
    for slug in re.findall(r"\"([\w-]+)\"", topics)
}
NEEDED = {
    "trigger",
    "condition",
    "operator",
    "group",
    "action",
    "frequency-cap",
    "quiet-hours",
    "shadow-mode",
    "hold",
    "consent",
    "quiet-import",
    "mapping",
    "two-steps",
}


def test_what_needs_it_has_a_question_mark() -> None:
    assert NEEDED <= ASKED


@pytest.mark.parametrize("slug", sorted(ASKED))
def test_a_question_mark_says_a_sentence_of_the_docs(app: Flask, slug: str) -> None:
    text = " ".join((DOCS / "words.md").read_text(encoding="utf-8").split())
    with app.test_request_context():
        topic = help_pages.topic(slug)
    assert f"## {topic.word} {topic.sentence}" in text
    assert topic.sentence.endswith(".") and len(topic.sentence) < 330
    assert topic.url.startswith("/help/") and topic.more


def test_every_word_that_is_explained_is_asked_for_somewhere() -> None:
    words = {section.slug for section in help_pages._PAGES["words"].sections if section.slug}
    assert words == ASKED


def test_the_builder_explains_in_place(as_rosa: FlaskClient) -> None:
    id = shop.publish_automation("Thanks", "created", actions=[shop.email_to()])
    page = as_rosa.get(f"/automations/{id}")
    assert '<summary aria-label="What is this: trigger?"' in page.text
    assert "Every automation has exactly one." in text_of(page)
    assert text_of(page).count("All operators") == 1


def test_a_viewer_reads_help_too(as_finn: FlaskClient) -> None:
    words = text_of(as_finn.get("/help"))
    assert "The words on the screen" in words and "Keyboard shortcuts" in words
    assert 'href="/help"' in as_finn.get("/").text


@pytest.mark.parametrize("name", doc_pages.PAGES)
def test_a_page_has_every_word_of_its_file(as_finn: FlaskClient, name: str) -> None:
    answer = as_finn.get(f"/help/{name}")
    assert answer.status_code == 200
    shown = re.sub(
        r"\s+",
        "",
        html.unescape(re.sub(r'<span class="stacked-label">[^<]*</span>|<[^>]+>', "", answer.text)),
    )
    left_out = {title for page, title in doc_pages.LEFT_OUT if page == name}
    here = True
    for token in (
        MarkdownIt("commonmark", {"html": False}).enable("table").parse((DOCS / f"{name}.md").read_text())
    ):
        if token.type == "heading_open":
            here = True
        if token.content in left_out and token.type == "inline":
            here = False
        for child in token.children or ():
            if here and child.type in ("text", "code_inline"):
                assert re.sub(r"\s+", "", child.content) in shown, child.content


@pytest.mark.parametrize("name", doc_pages.PAGES)
def test_every_link_of_a_page_leads_somewhere(as_finn: FlaskClient, name: str) -> None:
    article = as_finn.get(f"/help/{name}").text.partition("<article")[2].partition("</article>")[0]
    assert ".md" not in "".join(re.findall(r'href="([^"]+)"', article))
    for address in re.findall(r'href="(/[^"]*|#[^"]*)"', article):
        parts = urlsplit(html.unescape(address))
        answer = as_finn.get(parts.path or f"/help/{name}")
        assert answer.status_code == 200
        if parts.fragment:
            assert f'id="{parts.fragment}"' in answer.text, address


def test_pages_for_developers_are_not_there(as_ada: FlaskClient) -> None:
    for name in ("operations", "security", "how-to-read-the-code", "..%2fREADME", "glossary", "WORDS"):
        assert as_ada.get(f"/help/{name}").status_code == 404
    assert "InsideAction" not in as_ada.get("/help/actions").text


def test_markup_of_a_file_is_escaped_and_odd_links_lose_their_address() -> None:
    text = (
        "# T\n\n<script>alert(1)</script> <b onclick=x>bold</b>\n\n"
        "[a](javascript:alert(1)) [b](data:text/html,x) [c](../../etc/passwd) [d](http://plain.example)"
        " ![i](x.png)\n"
    )
    section = next(doc_pages._sections("words", doc_pages._MARKDOWN.parse(text)))
    found = doc_pieces.pieces(section)
    assert {piece.tag for piece in found} <= {"", "p", "a"}
    assert [piece.address for piece in found if piece.tag == "a" and not piece.ends] == []
    assert "<script>alert(1)</script>" in "".join(piece.text for piece in found)


def test_the_search_finds_sections_by_all_words(as_finn: FlaskClient) -> None:
    words = text_of(as_finn.get("/help?q=quiet+import"))
    assert words.index("Quiet import") < words.index("CSV files") if "CSV files" in words else True
    assert "An import fires nothing by itself" in words
    page = as_finn.get("/help?q=shadow")
    assert 'href="/help/know-before#shadow-mode"' in page.text
    assert "Nothing about “zzzz”" in text_of(as_finn.get("/help?q=zzzz"))
    assert "<img" not in as_finn.get("/help?q=%3Cimg%20src=x%3E").text


def test_the_palette_finds_help(as_finn: FlaskClient) -> None:
    words = text_of(as_finn.get("/search/hits?q=quiet+hours"))
    assert "Help Quiet hours The time of day in which no marketing is sent." in words


def test_the_sign_in_page_says_what_this_is(client: FlaskClient) -> None:
    words = text_of(client.get("/sign-in"))
    assert "following rules that your store’s managers write." in words


@pytest.mark.parametrize(("word", "title"), [("undo", "Undo"), ("kept", "Kept here")])
def test_a_search_for_what_the_pages_say_explains_it_first(
    as_finn: FlaskClient, word: str, title: str
) -> None:
    with as_finn.application.test_request_context():
        assert help_pages.search(word, 30)[0].section.title == title
