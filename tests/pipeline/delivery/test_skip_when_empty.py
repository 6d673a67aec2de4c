"""An action that is set to it is skipped if a field it shows is empty, with the reason in the log."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.actions import ACTIONS
from automations.models.db.base import db
from automations.models.tables.notification import Notification
from automations.models.tables.run import SKIPPED, SUCCEEDED, Message, Run
from automations.models.tables.task import Task
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.kit.shop import email_to, place_order, publish_automation
from tests.web.pages import sign_in, text_of

DATE = '{{ order.delivery_date | date: "%-d %B" }}'
SKIP = {"when_empty": "skip"}
REASON = "The delivery date is empty for this record, and the action is set to be skipped then."
ANNA = 1
JUNE = dt.date(2027, 6, 14)


def done(action: dict[str, Any], **order: Any) -> Run:
    """Fire an automation with the action on an order; return its run once the worker has done it."""
    publish_automation("Confirm", "created", actions=[action])
    place_order("1", customer_id=ANNA, **order)
    perform_due()
    db.session.rollback()
    (run,) = shop.runs()
    return run


def test_a_message_with_a_hole_is_skipped_with_the_reason(app: Flask) -> None:
    run = done(email_to(message=f"We come on {DATE}.") | SKIP)
    assert (run.state, run.reason) == (SKIPPED, REASON)
    assert db.session.query(Message).count() == 0


def test_the_same_message_is_sent_where_the_field_is_filled(app: Flask) -> None:
    assert done(email_to(message=f"We come on {DATE}.") | SKIP, delivery_date=JUNE).state == SUCCEEDED
    assert db.session.query(Message.body).scalar() == "We come on 14 June."


def test_without_the_choice_it_is_sent_as_before(app: Flask) -> None:
    assert done(email_to(message=f"We come on {DATE}.")).state == SUCCEEDED


@pytest.mark.parametrize(
    "text",
    [
        '{{ order.delivery_date | default: "soon" }}',
        "{% if order.delivery_date %}{{ order.delivery_date }}{% endif %}Soon.",
        "{% for line in order.lines %}{{ line.sku }}{% endfor %}Soon.",
    ],
)
def test_what_the_message_provides_for_is_no_hole(app: Flask, text: str) -> None:
    assert done(email_to(message=text) | SKIP).state == SUCCEEDED


def test_every_empty_field_is_named_as_people_call_it(app: Flask) -> None:
    message = "{{ order.note }} {{ customer.phone }} {{ account.name }}!"
    publish_automation("Confirm", "created", actions=[email_to(message=message) | SKIP])
    customer = shop.place_customer("C-8", email="zoe@example.com", first_name="Zoe")
    place_order("1", customer_id=customer.id)
    perform_due()
    db.session.rollback()
    assert shop.runs()[0].reason == (
        "The account’s name, the customer’s phone and the note are empty for this record, "
        "and the action is set to be skipped then."
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("create_task", "description"),
        ("notify", "message"),
        ("send_sms", "message"),
        ("http_request", "body"),
    ],
)
def test_every_kind_with_a_text_can_be_skipped(app: Flask, kind: str, name: str) -> None:
    settings = {field.short_name: field.data or "" for field in ACTIONS[kind].Form()}
    settings |= {"title": "Plan it", "url": "https://courier.example/", "message": "-"}
    settings |= {name: f"date = {DATE}"}
    run = done({"kind": kind, "settings": settings, **SKIP})
    assert (run.state, run.reason) == (SKIPPED, REASON)
    assert db.session.query(Task).count() == db.session.query(Notification).count() == 0


def test_the_log_of_the_order_says_why(app: Flask) -> None:
    done(email_to(message=f"We come on {DATE}.") | SKIP)
    assert REASON in text_of(sign_in(FlaskClient(app, app.response_class), "finn").get("/orders/1"))
