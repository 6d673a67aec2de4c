"""What no font here has is missing in the PDF of an order, and said beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from automations.actions.shared import attachments
from automations.models.db.base import db
from automations.models.tables.run import Message
from automations.web.builder.effect_preview import preview
from tests.actions.situations import situation
from tests.actions.test_attachments import Shelf, found, prepared, words
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.web.pages import sign_in, text_of

LETTER = {"to": "customer", "subject": "Thanks", "message": "Here it is.", "order_pdf": "pdf"}


def said(item: str) -> str:
    line = {"name": item, "quantity": 1, "unit_price": "5.00"}
    message = prepared(replace(situation(lines=[line]), find_file=found), order_pdf="pdf", file_1="Care.pdf")
    (pdf, _) = attachments.contents(message, Shelf())
    assert "Bloom & Wild St" in words(pdf.content)
    (line, *_) = preview(message, 1).lines
    assert attachments.names(message.around) == line.removeprefix("Attached: ").removesuffix(".")
    return line


@pytest.mark.parametrize(
    "item",
    [
        "Roses",
        "Róża Łódź, ½ kg – “x”",
        "Ωμέγα Жанна",
        "ורדים",
        "ورد أحمر",
        "กุหลาบ",
        "バラの花",
        "玫瑰",
        "장미",
        "🌹❤️",
    ],
)
def test_of_what_there_are_letters_for_nothing_is_said(item: str) -> None:
    assert said(item) == "Attached: Order 1042.pdf and Care.pdf (1 kB)."


@pytest.mark.parametrize(
    ("item", "lost"),
    [
        ("गुलाब", "Hindi letters"),
        ("গোলাপ and ரோஜா", "Bengali letters and Tamil letters"),
        ("Roses ⋈5", "“⋈”"),
        (
            "गु, গো, ரோ, ვა, ვ, վա",
            "Armenian letters, Bengali letters, Georgian letters, Hindi letters and others",
        ),
    ],
)
def test_what_is_left_out_is_named_beside_the_pdf(item: str, lost: str) -> None:
    assert said(item) == f"Attached: Order 1042.pdf (leaves out {lost}) and Care.pdf (1 kB)."


def test_the_log_and_the_mailbox_say_so_too(client: FlaskClient) -> None:
    shop.publish_automation("Thanks", "created", actions=[{"kind": "send_email", "settings": LETTER}])
    shop.place_order(customer_id=1, recipient="गीता")
    perform_due()
    rosa = sign_in(client, "rosa")
    assert "Order 10482.pdf (leaves out Hindi letters)" in text_of(rosa.get("/orders/10482"))
    (message,) = db.session.query(Message).all()
    page = text_of(rosa.get(f"/mailbox/{message.id}"))
    assert "Order 10482.pdf; it leaves out Hindi letters, for which there is no font here" in page
