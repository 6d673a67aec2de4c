"""The two parts of an email: the same words, readable everywhere, and nothing in them is markup."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.emails.email_html import DARK, LIGHT, html_part
from automations.emails.email_layout import Button, EmailLayout, OrderTable
from automations.emails.email_look import EmailLook, look_of
from automations.emails.email_text import text_part
from automations.emails.email_words import ENGLISH, email_words
from automations.emails.paragraphs import preheader
from tests.emails.designs import HOSTILE, LAYOUT, LOOK, TABLE, WORDS

GMAIL_CUTS_AT = 102_000
TEXTS = st.text(max_size=200) | st.sampled_from(HOSTILE)


class Reader(HTMLParser):
    """The elements, attributes and texts of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _shape(html: str) -> list[str]:
    return [tag for tag in Reader(html).tags if tag not in ("p", "br", "a")]


def test_the_text_part_has_everything_the_html_has() -> None:
    text, html = text_part(LAYOUT, WORDS), html_part(LAYOUT, WORDS, "Thank you")
    shown = [" ".join(piece.split()) for piece in Reader(html).texts]
    cells = [cell for row in (*TABLE.lines, *TABLE.sums, TABLE.total) for cell in row]
    words = ["Hello Anna,", "it costs £86.50.", "Your florists", "See your order", LAYOUT.why, *cells]
    assert [one for one in words if one not in text] == []
    assert [one for one in words if one not in shown] == []
    assert LAYOUT.button is not None and LAYOUT.button.url in text
    assert LAYOUT.button.url in [value for _, value in Reader(html).attributes]


def test_the_text_part_lines_its_prices_up() -> None:
    rows = [line for line in text_part(LAYOUT, WORDS).splitlines() if "£" in line and "costs" not in line]
    assert [row.index("£") for row in rows] == [rows[0].index("£")] * 4


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_every_field_stays_text(hostile: str) -> None:
    look = EmailLook(hostile, "#2f6b57", hostile, hostile, hostile)
    table = OrderTable((hostile, hostile), [(hostile, hostile)], [(hostile, hostile)], (hostile, hostile))
    button, ending = Button(hostile, "https://a.example"), Button(hostile, "https://b.example")
    layout = EmailLayout(look, hostile, button, table, hostile, ending)
    html = html_part(layout, hostile, hostile)
    plain = html_part(replace(layout, look=replace(look, brand="x")), "x", "x")
    assert _shape(html) == _shape(plain)
    handlers = [name for name, _ in Reader(html).attributes if name.startswith("on")]
    assert handlers == []
    assert all(
        not value.strip().startswith("javascript:")
        for name, value in Reader(html).attributes
        if name == "href"
    )


@given(TEXTS, TEXTS)
def test_no_words_and_no_subject_change_the_document(words: str, subject: str) -> None:
    assert _shape(html_part(LAYOUT, words, subject)) == _shape(html_part(LAYOUT, "x", "x"))


def test_every_element_has_its_style_so_that_a_program_may_drop_the_sheet() -> None:
    html = html_part(LAYOUT, WORDS, "Thank you")
    body = html.partition("<body")[2]
    for piece in (
        "background: #ffffff",
        "color: #24292b",
        "background: #2f6b57",
        "color: #ffffff",
        "max-width: 600px",
    ):
        assert piece in body
    assert "prefers-color-scheme: dark" in html.partition("<body")[0]
    assert "var(" not in html


def test_a_preview_is_light_or_dark_whatever_its_reader_has_set() -> None:
    light, dark = (html_part(LAYOUT, WORDS, "x", scheme=scheme) for scheme in (LIGHT, DARK))
    assert "prefers-color-scheme" not in light + dark
    assert "@media not all" in light
    assert "@media all" in dark


def test_nothing_is_loaded_from_anywhere() -> None:
    html = html_part(LAYOUT, WORDS, "x", "cid:logo")
    sources = [value for name, value in Reader(html).attributes if name in ("src", "background", "srcset")]
    assert sources == ["cid:logo"]
    assert "url(" not in html
    assert "@import" not in html


def test_without_its_picture_the_logo_is_the_stores_name() -> None:
    assert 'alt="Bloom &amp; Wild St"' in html_part(LAYOUT, WORDS, "x", "cid:logo")
    assert "<img" not in html_part(LAYOUT, WORDS, "x")
    assert ">Bloom &amp; Wild St</div>" in html_part(LAYOUT, WORDS, "x")


def test_an_order_of_forty_lines_is_well_under_what_a_mail_program_cuts_off() -> None:
    lines = [(f"{place} × {'Hand-tied bouquet of the season ' * 3}", "£1,048.00") for place in range(41)]
    html = html_part(replace(LAYOUT, table=replace(TABLE, lines=lines)), WORDS * 20, "x")
    assert len(html.encode()) < GMAIL_CUTS_AT / 2


def test_a_web_address_in_the_words_is_a_link_without_the_full_stop_behind_it() -> None:
    html = html_part(LAYOUT, "See https://a.example/x?b=1&c=2. (https://d.example)", "x")
    links = [value for name, value in Reader(html).attributes if name == "href"]
    assert links[:2] == ["https://a.example/x?b=1&c=2", "https://d.example"]


def test_the_preheader_leaves_the_greeting_out() -> None:
    assert preheader("Hello Anna,\n\nwe deliver\non Saturday.") == "we deliver on Saturday."
    assert preheader("We deliver on Saturday.") == "We deliver on Saturday."
    assert len(preheader("Hi,\n\n" + "word " * 100)) <= 111


@pytest.mark.parametrize(
    "layout", [LAYOUT, EmailLayout(LOOK), replace(LAYOUT, ending=Button("Unsubscribe", "https://u.example"))]
)
def test_a_layout_survives_being_stored(layout: EmailLayout) -> None:
    restored = EmailLayout.from_data(json.loads(json.dumps(layout.to_data())))
    assert restored is not None
    assert html_part(restored, WORDS, "x") == html_part(layout, WORDS, "x")
    assert text_part(restored, WORDS) == text_part(layout, WORDS)


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


LOOKS = st.dictionaries(st.sampled_from(["brand", "colour", "logo", "width"]), JSON)
PARTS = dict.fromkeys(("button", "table", "why", "ending", "language"), JSON)


@given(st.fixed_dictionaries({"look": LOOKS}, optional=PARTS))
def test_whatever_is_stored_can_be_shown(data: dict[str, Any]) -> None:
    layout = EmailLayout.from_data(data)
    assert layout is not None
    assert html_part(layout, WORDS, "x")
    assert text_part(layout, WORDS)


@pytest.mark.parametrize("settings", [None, {}, {"on": False, "colour": "#000000"}, "on", []])
def test_a_store_that_has_not_chosen_a_look_sends_plain_emails(settings: object) -> None:
    assert look_of(settings, "Bloom", "a@b.example") is None


def test_a_language_without_words_falls_back_to_english() -> None:
    assert email_words("xx-YY") == ENGLISH
    assert email_words("de-DE")["total"] == "Summe"
    assert email_words("de_AT")["unsubscribe"] == "Abmelden"


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("he-IL", "rtl"), ("fa", "rtl"), ("ur", "rtl"), ("de-DE", "ltr"), ("xx", "ltr")],
)
def test_an_email_runs_in_the_direction_of_its_language(language: str, direction: str) -> None:
    html = html_part(replace(LAYOUT, language=language), "שלום, ההזמנה שלך מוכנה.", "x")
    assert f'<html lang="{language}" dir="{direction}">' in html
    # A web mailbox drops the page around the first table.
    table = html.partition("<table")[2].partition(">")[0]
    assert f'dir="{direction}"' in table and f'lang="{language}"' in table
    price = html.partition("£48.00")[0].rpartition("<td")[2]
    assert ("text-align: left" in price) == (direction == "rtl")
    # An amount and a telephone number read the same everywhere.
    assert 'dir="ltr"' in price and '<span dir="ltr">01632 960 141</span>' in html
    assert f'align="{"left" if direction == "rtl" else "right"}"' in price
