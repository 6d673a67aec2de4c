"""The mailbox: messages that were sent or kept."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.run import Message
from automations.models.tables.store import Connection, Store
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.web.pages import text_of
from tests.world import NOW


def keep_message(run_id: int | None = None, connector: str = "mailbox", **values: str) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        texts = {
            "to": "anna@grandhotel.example",
            "to_name": "Anna Petrova",
            "subject": "Thank you",
            "body": "Hello",
        }
        message = Message(store_id=store.id, run_id=run_id, channel="email", connector=connector, at=NOW)
        for name, value in (texts | values).items():
            setattr(message, name, value)
        session.add(message)
        session.flush()
        return message.id


def test_an_empty_mailbox_explains_itself_and_says_that_nothing_is_sent(as_finn: FlaskClient) -> None:
    words = text_of(as_finn.get("/mailbox"))
    assert "No messages yet" in words
    assert "No mail server is set up, so nothing was sent." in words


def test_an_admin_sees_a_link_to_the_mail_settings(as_ada: FlaskClient) -> None:
    assert "Set a mail server" in text_of(as_ada.get("/mailbox"))


def test_with_a_mail_server_the_banner_is_gone(as_finn: FlaskClient, bloom: Store) -> None:
    settings = {"host": "mail.example", "port": 25, "security": "none"}
    with write() as session:
        session.add(Connection(store_id=bloom.id, kind="smtp", settings=settings, updated_at=NOW))
    assert "No mail server is set" not in text_of(as_finn.get("/mailbox"))


def test_messages_are_listed_newest_first_with_their_recipients(as_finn: FlaskClient) -> None:
    keep_message(subject="First")
    keep_message(subject="Second", connector="smtp")
    words = text_of(as_finn.get("/mailbox"))
    second = "Second 10:00 to Anna Petrova anna@grandhotel.example Sent Hello"
    assert words.index(second) < words.index("First 10:00 to")
    assert "Kept here" in words


def test_a_message_links_to_its_record_and_its_automation(as_finn: FlaskClient) -> None:
    shop.publish_automation("Thank you", "created")
    shop.place_order()
    message_id = keep_message(shop.runs()[0].id)
    answer = as_finn.get(f"/mailbox/{message_id}")
    assert "Order 10482" in text_of(answer) and "/orders/10482" in answer.text
    assert "Thank you , version 1" in text_of(answer)
    assert "so it was not sent" in text_of(answer)


def test_a_body_with_markup_is_shown_as_text(as_finn: FlaskClient) -> None:
    message_id = keep_message(body="<b>Bold</b>\n{{ 7 * 7 }}", subject="<i>Hi</i>")
    answer = as_finn.get(f"/mailbox/{message_id}")
    assert "<b>Bold" not in answer.text and "{{ 7 * 7 }}" in answer.text and "<i>Hi" not in answer.text


def test_a_message_of_another_store_is_not_found(as_mallory: FlaskClient) -> None:
    message_id = keep_message()
    assert as_mallory.get(f"/mailbox/{message_id}").status_code == 404
    assert db.session.query(Message).count() == 1


def test_the_mailbox_and_the_log_say_in_which_language_a_message_is_and_why(as_finn: FlaskClient) -> None:
    email = shop.email_to()
    email["settings"]["languages"] = {"de": {"subject": "Danke", "message": "Hallo"}}
    shop.publish_automation("Thank you", "created", actions=[email])
    anna = shop.place_customer("C-1", language="de-AT")
    shop.place_order("10482", customer_id=anna.id)
    perform_all()
    message = db.session.query(Message).filter_by(subject="Danke").one()
    said = "German (Austria), the customer’s language"
    assert f"Language {said}" in text_of(as_finn.get(f"/mailbox/{message.id}"))
    page = text_of(as_finn.get("/orders/10482"))
    assert f"written in {said}" in page
