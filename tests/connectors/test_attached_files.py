"""Attachments reach a real mail server, and a parser that shares no code reads them from what arrived."""

from __future__ import annotations

import io

import fast_mail_parser
import pytest
from pypdf import PdfReader

from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail
from automations.connectors.mime import to_bytes
from automations.connectors.stored_file import StoredFile
from automations.emails import right_to_left
from automations.emails.email_layout import OrderTable
from automations.emails.email_look import EmailLook
from automations.emails.order_document import OrderDocument
from automations.emails.order_pdf import order_pdf
from tests.emails.designs import HOSTILE

ANNA, BLOOM = EmailContact("anna@x.example", "Anna Lee"), EmailContact("hello@bloom.example", "Bloom")
TABLE = OrderTable(("Ihre Bestellung", "Preis"), [("1 × Żółte róże", "9,00 €")], (), ("Summe", "9,00 €"))
PAPER = OrderDocument(EmailLook("Königswinter"), "Bestellung 7", "de-DE", [("Klientė", "Žaneta")], TABLE)
FILES = [
    StoredFile("Pflege Ωμέγα “1”.pdf", "application/pdf", order_pdf(PAPER)),
    StoredFile("list.csv", "text/csv", "a;ä\n1;2\n".encode()),
]


@pytest.mark.parametrize("html", ["", "<p>Hello</p>"])
def test_another_parser_reads_each_file_as_it_was(html: str) -> None:
    email = OutgoingEmail(ANNA, BLOOM, "Hi", "Hello", "run-1", html=html, attachments=FILES)
    raw = to_bytes(email)
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998
    read = fast_mail_parser.parse_email(raw)
    assert [part.strip() for part in read.text_plain] == ["Hello"]
    assert [(one.filename, one.mimetype) for one in read.attachments] == [
        (file.name, file.type) for file in FILES
    ]
    assert [one.content for one in read.attachments] == [file.content for file in FILES]
    assert to_bytes(email).partition(b"Content-Type")[0]


def test_the_pdf_is_read_by_another_library() -> None:
    reader = PdfReader(io.BytesIO(FILES[0].content))
    words = reader.pages[0].extract_text()
    assert "Königswinter" in words and "Żółte róże" in words and "Žaneta" in words
    assert reader.metadata and reader.metadata.title == "Bestellung 7"


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 3000, "a\nb", "", "<para>&amp;", "\x00\x07"])
def test_any_text_is_on_the_paper_as_it_is(text: str) -> None:
    paper = OrderDocument(EmailLook(text), text, "xx", [(text, text)], TABLE)
    assert PdfReader(io.BytesIO(order_pdf(paper))).pages


@pytest.mark.parametrize(
    ("language", "text", "font"),
    [
        ("ja-JP", "薔薇の花束", "HeiseiKakuGo-W5"),
        ("en-GB", "バラ", "HeiseiKakuGo-W5"),
        ("zh-CN", "玫瑰花束", "STSong-Light"),
        ("zh-TW", "玫瑰花束", "MSung-Light"),
        ("ko-KR", "장미 꽃다발", "HYGothic-Medium"),
    ],
)
def test_what_is_written_in_the_east_can_be_read_on_paper(language: str, text: str, font: str) -> None:
    table = OrderTable(("A", "B"), [(f"2 × {text} <Rose>", "¥1,200")], (), ("Total", "¥1,200"))
    made = order_pdf(OrderDocument(EmailLook(text), text, language, [("Name", text)], table))
    page = PdfReader(io.BytesIO(made)).pages[0]
    fonts = {one.get_object()["/BaseFont"] for one in page["/Resources"]["/Font"].values()}
    assert f"/{font}" in fonts and "<Rose>" in page.extract_text()
    assert made == order_pdf(OrderDocument(EmailLook(text), text, language, [("Name", text)], table))


@pytest.mark.parametrize(
    ("text", "font", "seen"),
    [
        ("זר (Rose) ורדים", "Heebo-Regular", "םידרו (Rose) רז"),
        ("باقة ورد", "IBMPlexSansArabic-Regular", "\ufea9\ufead\ufeed \ufe94\ufed7\ufe8e\ufe91"),
        ("گل رز", "IBMPlexSansArabic-Regular", "\ufeaf\ufead \ufede\ufb94"),
        ("ช่อดอกกุหลาบ", "Sarabun-Regular", "ช่อดอกกุหลาบ"),
    ],
)
@pytest.mark.parametrize("language", ["en-GB", "he-IL"])
def test_other_scripts_are_letters_in_the_order_in_which_they_are_read(
    language: str, text: str, font: str, seen: str
) -> None:
    table = OrderTable(("A", "B"), [(text, "£9")], (), ("Total", "£9"))
    paper = OrderDocument(EmailLook("Bloom"), "Order 7", language, [("Name", text)], table)
    made = order_pdf(paper)
    page = PdfReader(io.BytesIO(made)).pages[0]
    fonts = {str(one.get_object()["/BaseFont"]) for one in page["/Resources"]["/Font"].values()}
    assert any(one.endswith(f"+{font}") for one in fonts), fonts
    # A box is glyph 0, whose character no reader knows.
    assert "\0" not in page.extract_text() and "\ufffd" not in page.extract_text()
    assert made == order_pdf(paper)
    lines = [*right_to_left.seen(text, len, 99)]
    assert lines == [seen]


def test_lines_from_right_to_left_are_broken_as_they_are_read() -> None:
    text = "Leave (שרה) 5, please, or with אבא ואמא"
    lines = [*right_to_left.seen(text, len, 20)]
    assert lines == ["Leave (הרש) 5,", "please, or with אבא", "אמאו"]
    assert [*right_to_left.seen("אבגדה", len, 2)] == ["בא", "דג", "ה"]
    assert [*right_to_left.seen("", len, 2)] == [""]


def test_pictures_in_names_leave_no_boxes_on_paper() -> None:
    table = OrderTable(
        ("A", "B"), [("1 × 🌹 Roses \u2764\ufe0f 👩🏽\u200d🌾 Cafe\u0301 ™", "£9")], (), ("Total", "£9")
    )
    made = order_pdf(OrderDocument(EmailLook("Bloom"), "Order 7", "en-GB", (), table))
    words = PdfReader(io.BytesIO(made)).pages[0].extract_text()
    assert "Roses" in words and "Café ™" in words and not {"🌹", "\ufe0f", "👩", "\u0301"} & set(words)
