"""Settings: how all emails of the store look, and the email that leaves with it."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from automations.models.db.base import db, write
from automations.models.settings import email_looks
from automations.models.tables.customer import Customer
from automations.models.tables.people import Audit
from automations.models.tables.run import Message
from automations.models.tables.store import Store
from automations.models.tables.store_file import StoreFile
from automations.web.settings.logo_pictures import UnusableLogo, logo_from
from tests.kit import shop
from tests.kit.doing import add_connection, perform_all
from tests.kit.outside.smtp_sink import SmtpSink
from tests.web.pages import text_of
from tests.world import NOW

LOOK = {"on": "y", "colour": "#7A2048", "address": "1 Wild St,  Saltmouth", "phone": "01632 960 141"}


def picture(size: tuple[int, int] = (960, 320), kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#7a2048").save(written, kind)
    return written.getvalue()


def save(ada: FlaskClient, logo: bytes | None = None, **changes: str) -> Any:
    upload = {"logo": (io.BytesIO(logo), "logo.png")} if logo is not None else {}
    data = {**LOOK, **changes, **upload}
    return ada.post("/settings/email-look", data=data, content_type="multipart/form-data")


def stored(store: Store) -> dict[str, Any]:
    db.session.expire_all()
    return dict(db.session.get_one(Store, store.id).email_look or {})


def test_the_look_is_saved_shown_and_audited(as_ada: FlaskClient, bloom: Store) -> None:
    assert "Emails are plain text." in text_of(as_ada.get("/settings/email-look"))
    assert save(as_ada).status_code == 303
    look = {"on": True, "colour": "#7a2048", "address": "1 Wild St, Saltmouth", "phone": "01632 960 141"}
    assert stored(bloom) == look
    page = as_ada.get("/settings/email-look")
    assert "Emails have the store’s look." in text_of(page)
    assert "with white" in page.text and "srcdoc=" in page.text
    assert "the look of emails" in [row.about for row in db.session.query(Audit)]


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", ""])
def test_a_colour_that_is_none_is_refused(colour: str, as_ada: FlaskClient, bloom: Store) -> None:
    answer = save(as_ada, colour=colour)
    assert answer.status_code == 422
    assert "Enter a colour as # and six digits" in text_of(answer)
    assert stored(bloom) == {}


def test_a_logo_is_made_small_and_kept_until_it_is_taken_out(as_ada: FlaskClient, bloom: Store) -> None:
    save(as_ada, picture())
    look = stored(bloom)
    assert (look["width"], look["height"]) == (240, 80)
    (file,) = db.session.query(StoreFile).all()
    assert (file.id, file.store_id, file.type) == (look["logo"], bloom.id, "image/png")
    with Image.open(io.BytesIO(file.content)) as kept:
        assert kept.size == (480, 160)
    save(as_ada)
    assert stored(bloom)["logo"] == file.id
    save(as_ada, no_logo="y")
    assert "logo" not in stored(bloom)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is not a PNG, JPEG, GIF or WebP picture."),
        (picture()[:200], "The picture is damaged."),
        (b"x" * (2 * 1024 * 1024 + 1), "The picture is larger than 2 MB."),
        (picture((5001, 5000)), "The picture has more than 25 million pixels."),
    ],
)
def test_a_file_that_cannot_be_a_logo_is_named(
    content: bytes, words: str, as_ada: FlaskClient, bloom: Store
) -> None:
    answer = save(as_ada, content)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert stored(bloom) == {}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_every_kind_of_picture_becomes_a_png(kind: str) -> None:
    assert logo_from("x", picture((100, 400), kind)).content.startswith(b"\x89PNG")
    with pytest.raises(UnusableLogo):
        logo_from("x", b"")


def test_no_more_logos_are_kept_than_old_emails_need(bloom: Store, rosa: Any) -> None:
    look = {"on": True, "colour": "#000000", "address": "", "phone": ""}
    with write() as session:
        for place in range(23):
            logo = email_looks.Logo(f"{place}", b"png", 1, 1)
            email_looks.save(session, bloom.id, rosa, look, logo, True, NOW)
    assert db.session.query(StoreFile).count() == 20
    assert db.session.get(StoreFile, stored(bloom)["logo"]) is not None


def test_an_order_confirmation_leaves_with_both_parts_and_is_seen_in_the_mailbox(as_ada: FlaskClient) -> None:
    save(as_ada, picture())
    with SmtpSink() as sink:
        add_connection("smtp", {"host": "127.0.0.1", "port": sink.port, "security": "none", "username": ""})
        action = shop.email_to(message="Hello {{ customer.first_name }},\n\nwe have <b>it</b>.")
        action["settings"] |= {"button": "See it", "button_link": "https://shop.example/{{ order.number }}"}
        shop.publish_automation("Thanks", "created", actions=[action])
        line = {"sku": "", "name": "Roses & <more>", "category": "", "quantity": 2, "unit_price": "10.00"}
        with write() as session:
            session.get_one(Customer, 1).first_name = "<i>Anna</i>"
        shop.place_order("7", customer_id=1, lines=[line], total=Decimal("20.00"))
        perform_all()
        (message,) = sink.emails
    parts: list[Any] = [message.get_body(("plain",)), message.get_body(("html",))]
    text, html = (part.get_content() for part in parts)
    assert "2 × Roses & <more>  £20.00" in text and "https://shop.example/7" in text
    assert "2 × Roses &amp; &lt;more&gt;" in html and "Hello &lt;i&gt;Anna&lt;/i&gt;," in html
    assert "we have &lt;b&gt;it&lt;/b&gt;" in html and 'src="cid:logo"' in html
    row = db.session.query(Message).one()
    page = as_ada.get(f"/mailbox/{row.id}")
    assert "srcdoc=" in page.text and "2 × Roses &amp;amp; &amp;lt;more&amp;gt;" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "style-src-attr 'unsafe-inline'" in policy and "default-src 'none'" in policy
    assert "unsafe-inline" not in as_ada.get("/mailbox").headers["Content-Security-Policy"]
