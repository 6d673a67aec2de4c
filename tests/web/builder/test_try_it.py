"""Testing the builder's draft, and sending one of its messages to the signed-in person."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db, write
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.people import Audit, User
from automations.models.tables.run import Message, Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change
from tests.web.building import HTMX, an_automation, automation, opened, send
from tests.web.pages import assert_fragment, signed_in, text_of
from tests.world import NOW


@pytest.fixture
def order(bloom: Store) -> str:
    values = {
        "total": Decimal("12.50"),
        "fulfilment_method": "collection",
        "payment_status": "paid",
        "customer_id": 1,
    }
    with write() as session:
        receive(session, bloom, "order", [Change("1042", values)], Cause("person", "Rosa Lind"), NOW)
    return "1042"


def test_the_builder_always_says_what_it_would_do(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    words = text_of(signed_in(client, "rosa").get(f"/automations/{id}"))
    assert "It would fire." in words and "Payment status changed to Paid" in words
    assert "Your order SAMPLE-1 is confirmed" in words and "Hello Sam," in words


def test_the_unsaved_form_is_tried_on_a_real_order(
    client: FlaskClient, bloom: Store, rosa: User, order: str
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    changes = {"record": order, "actions-0-settings-subject": "Unsaved {{ order.number }}"}
    form = opened(client, id).values.to_dict() | changes
    answer = client.post(f"/automations/{id}/test-fires", data=form, headers=HTMX)
    assert_fragment(answer, f"#automation-{id}-try")
    words = text_of(answer)
    assert "It would not fire: fulfilment method is Collection, needs Delivery." in words
    assert "Unsaved 1042" in words and "Anna Petrova" in words
    assert automation(id).revision == 1


def test_a_text_message_says_which_characters_make_it_longer(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    text = "Your order is ready" + "." * 120 + "…"
    settings = {"to": "customer", "number": "", "message": text}
    id = an_automation(bloom, rosa, actions=[{"kind": "send_sms", "settings": settings}])
    words = text_of(signed_in(client, "rosa").get(f"/automations/{id}"))
    assert "Text message, 3 parts “…” is not in the alphabet of text messages: " in words
    assert "a part holds 70 characters, not 160. Without it, this would take 1 part." in words


def test_without_javascript_the_whole_page_is_returned(
    client: FlaskClient, bloom: Store, rosa: User, order: str
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = send(client, f"/automations/{id}/test-fires", opened(client, id), **{"record-number": order})
    assert "<html" in answer.text and "needs Delivery" in text_of(answer)


def test_an_unknown_number_is_reported(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = send(client, f"/automations/{id}/test-fires", opened(client, id), **{"record-number": "9999"})
    assert "There is no order 9999. Check the number." in text_of(answer)
    assert 'value="9999"' in answer.text


def test_an_order_of_another_store_is_not_found(client: FlaskClient, bloom: Store, rosa: User) -> None:
    with write() as session:
        thorn = session.query(Store).filter_by(name="Thorn & Co").one()
        receive(session, thorn, "order", [Change("T-1", {})], Cause("person", "Mallory"), NOW)
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = send(client, f"/automations/{id}/test-fires", opened(client, id), **{"record-number": "T-1"})
    assert "There is no order T-1" in text_of(answer)


def test_trying_sends_nothing_and_changes_nothing(
    client: FlaskClient, bloom: Store, rosa: User, order: str
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    before = [db.session.query(table).count() for table in (Message, Run, Occurrence)]
    send(client, f"/automations/{id}/test-fires", opened(client, id), record=order)
    db.session.rollback()
    assert [db.session.query(table).count() for table in (Message, Run, Occurrence)] == before


def test_send_it_to_me_writes_one_email_to_the_signed_in_person_only(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = send(client, f"/automations/{id}/test-fires", opened(client, id), send="1")
    assert "The test for rosa@bloom.example was not sent. It is kept here" in text_of(answer)
    db.session.rollback()
    message = db.session.query(Message).one()
    assert (message.to, message.run_id) == ("rosa@bloom.example", None)
    assert message.subject == "[Test] Your order SAMPLE-1 is confirmed"
    assert db.session.query(Run).count() == 0
    last = db.session.query(Audit).order_by(Audit.id.desc()).first()
    assert last and last.action == "sent a test of" and "Confirm paid deliveries" in last.about


@pytest.mark.parametrize("send_value", ["2", "0", "-1", "x", "1" * 30])
def test_an_unknown_message_number_sends_nothing(
    client: FlaskClient, bloom: Store, rosa: User, send_value: str
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = send(client, f"/automations/{id}/test-fires", opened(client, id), send=send_value)
    assert "There is no message to send" in text_of(answer)
    assert db.session.query(Message).count() == 0


def test_a_record_without_an_address_says_why_nothing_is_sent(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = send(
        client, f"/automations/{id}/test-fires", opened(client, id), record="sample:no_email", send="1"
    )
    assert "Skipped: The customer has no email address." in text_of(answer)
    assert "There is no message to send" in text_of(answer)


@pytest.mark.parametrize("place", ["0", "2", "-1", "1" * 5000, "²", "first"])
def test_an_unknown_message_number_sends_nothing_by_htmx(
    client: FlaskClient, bloom: Store, rosa: User, order: str, place: str
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    form = opened(client, id).values.to_dict() | {"send": place}
    answer = client.post(f"/automations/{id}/test-fires", data=form, headers=HTMX)
    assert "There is no message to send" in text_of(answer)
    assert db.session.query(Message).count() == 0


def test_the_link_on_a_record_tests_that_record(
    client: FlaskClient, bloom: Store, rosa: User, order: str
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    link = f"/automations/{id}?record={order}#try"
    assert f'href="/automations/{id}?record={order}#' in client.get(f"/orders/{order}").text
    words = text_of(client.get(link))
    assert "It would not fire: fulfilment method is Collection, needs Delivery." in words
    assert "There is no order 66. Check the number." in text_of(client.get(f"/automations/{id}?record=66"))


def test_effects_other_than_emails_are_described_without_secrets(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    keys = ("courier_request", "sms_for_order", "task_for_changes", "notify_changes", "change_order")
    actions = [action for key in keys for action in STARTERS[key].data["actions"]]
    id = an_automation(bloom, rosa, actions=actions)
    page = signed_in(client, "rosa").get(f"/automations/{id}")
    words = text_of(page)
    assert "POST https://api.courier.example/deliveries" in words and '"reference": "SAMPLE-1"' in words
    assert "Authorization: Bearer •••••• (courier)" in words
    assert "Text message, 1 part" in words and "+442079460000" in words
    assert "A task. For the managers (Rosa Lind)" in words and "Due 4 hours after it is created" in words
    assert "A notification for the managers" in words and "A change to the order Status: Confirmed" in words
    assert 'name="send"' not in page.text
