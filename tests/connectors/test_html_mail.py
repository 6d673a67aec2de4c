"""An email with HTML, read by the email library and by a parser that shares no code with it."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default
from typing import Any

import fast_mail_parser
import pytest

from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail, Picture
from automations.connectors.mime import to_bytes
from automations.emails.email_html import html_part
from automations.emails.email_text import text_part
from tests.emails.designs import HOSTILE, LAYOUT, WORDS

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
LOGO = (Picture("logo", "png", PNG),)
ANNA, BLOOM = EmailContact("anna@x.example", "Anna Lee"), EmailContact("hello@bloom.example", "Bloom")


def _email(
    words: str = WORDS, subject: str = "Thank you", pictures: Sequence[Picture] = LOGO
) -> OutgoingEmail:
    html = html_part(LAYOUT, words, subject, "cid:logo")
    text = text_part(LAYOUT, words)
    return OutgoingEmail(ANNA, BLOOM, subject, text, "run-1", html=html, pictures=pictures)


def test_the_text_comes_first_and_the_html_brings_its_picture() -> None:
    message: Any = message_from_bytes(to_bytes(_email()), policy=default)
    assert message.get_content_type() == "multipart/alternative"
    text, related = message.iter_parts()
    html, picture = related.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert related.get_content_type() == "multipart/related"
    assert html.get_content_type() == "text/html"
    assert (picture.get_content_type(), picture["Content-ID"]) == ("image/png", "<logo>")
    assert picture.get_content() == PNG
    assert "it costs £86.50." in text.get_content()
    assert 'src="cid:logo"' in html.get_content()


@pytest.mark.parametrize("pictures", [LOGO, ()])
@pytest.mark.parametrize("words", [WORDS, "Zoë, 花店, “€”", "x" * 5000, *HOSTILE])
def test_another_parser_reads_the_same_parts(words: str, pictures: Sequence[Picture]) -> None:
    email = _email(words, "Grüße & <b>", pictures)
    read = fast_mail_parser.parse_email(to_bytes(email))
    assert read.subject == "Grüße & <b>"
    assert [_lines(part) for part in read.text_plain] == [_lines(email.text)]
    assert [_lines(part) for part in read.text_html] == [_lines(email.html)]
    assert [attachment.content for attachment in read.attachments] == [one.content for one in pictures]


def test_every_line_is_ascii_and_short_enough_for_every_server() -> None:
    raw = to_bytes(_email("x" * 5000 + "é"))
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_an_email_of_text_alone_has_no_parts() -> None:
    message = message_from_bytes(to_bytes(OutgoingEmail(ANNA, BLOOM, "Hi", "Hello", "run-2")), policy=default)
    assert message.get_content_type() == "text/plain"


def _lines(text: str) -> list[str]:
    # What a header must not hold is taken out of the body as well.
    return [
        line.replace("\u202e", "").replace("\u2066", "")
        for line in text.replace("\r\n", "\n").strip().split("\n")
    ]
