"""What a later action says is true when it says it: it follows the changes of the actions before it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.order import Order
from automations.models.tables.run import SUCCEEDED, Message
from automations.models.tables.task import Task
from tests.actions.inside_runs import action, anna, change
from tests.kit import shop
from tests.kit.doing import perform_all, perform_due
from tests.kit.live import wait_until, working
from tests.kit.own_fields import own_field
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
IN_A_DAY = {"when": "after", "amount": 1, "unit": "days", "recheck": False}


def said(*actions: dict[str, Any], **order: Any) -> str:
    """Publish the actions, place an order, perform everything; return the body of the only email."""
    shop.publish_automation("Prepare", "created", actions=list(actions))
    shop.place_order(**order)
    perform_all()
    db.session.rollback()
    assert {run.state for run in shop.runs()} == {SUCCEEDED}
    return db.session.query(Message).one().body


def email(text: str, **timing: Any) -> dict[str, Any]:
    return shop.email_to("manager", message=text) | ({"timing": timing} if timing else {})


def test_an_email_after_a_change_of_status_says_the_new_status() -> None:
    assert said(change("status", "Picked"), email("Now {{ order.status }}")) == "Now Picked"


def test_an_email_before_the_change_says_the_old_status() -> None:
    assert said(email("Now {{ order.status }}"), change("status", "Picked")) == "Now Unconfirmed"


def test_conditions_in_the_text_follow_too() -> None:
    text = "{% if order.status == 'Picked' %}on its way{% else %}not yet{% endif %}"
    assert said(change("status", "picked"), email(text)) == "on its way"


@pytest.mark.parametrize(
    ("field", "value", "text", "expected"),
    [
        ("delivery_date", "2026-12-24", '{{ order.delivery_date | date: "%-d %B" }}', "24 December"),
        ("tags.add", "urgent", "{{ order.tags }}", "urgent"),
        ("note", "Ring twice", "{{ order.note }}", "Ring twice"),
        ("customer.email", "new@hotel.example", "{{ customer.email }}", "new@hotel.example"),
    ],
)
def test_every_kind_of_change_is_followed(field: str, value: str, text: str, expected: str) -> None:
    assert said(change(field, value), email(text), customer_id=anna()) == expected


def test_an_own_field_that_was_set_is_shown() -> None:
    key = own_field("Ribbon", "choice", choices="Red\nDark blue")
    assert said(change(key, "Dark blue"), email("{{ order.custom.ribbon }}")) == "Dark blue"


def test_a_change_may_use_what_an_earlier_one_wrote() -> None:
    changes = change("status", "Picked"), change("note", "It is {{ order.status }}")
    assert said(*changes, email("{{ order.note }}")) == "It is Picked"


def test_the_customer_is_written_to_at_the_address_an_earlier_action_gave_them() -> None:
    said(change("customer.email", "new@hotel.example"), shop.email_to(), customer_id=anna())
    assert db.session.query(Message).one().to == "new@hotel.example"
    assert db.session.query(Customer).filter_by(number="C-1").one().email == "new@hotel.example"


def test_tasks_and_notifications_follow_too() -> None:
    task = action("create_task", title="{{ order.status }}", description="", checklist="", assignee="manager")
    due = {"due_from": "delivery_date", "due_amount": "1", "due_unit": "days", "due_direction": "before"}
    task["settings"] |= due | {"priority": "normal"}
    notice = action("notify", to="manager", title="{{ order.status }}", message="", also="")
    shop.publish_automation(
        "Prepare",
        "created",
        actions=[change("status", "Picked"), change("delivery_date", "2026-12-24"), task, notice],
    )
    shop.place_order(delivery_date=dt.date(2026, 12, 1))
    perform_all()
    db.session.rollback()
    made = db.session.query(Task).one()
    assert (made.title, made.due_at) == ("Picked", dt.datetime(2026, 12, 23, 9, tzinfo=dt.UTC))
    assert {notice.title for notice in db.session.query(Notification)} == {"Picked"}


def test_what_somebody_else_changed_meanwhile_is_said_too() -> None:
    shop.publish_automation(
        "Tell", "created", actions=[change("status", "Picked"), email("{{ order.status }}")]
    )
    shop.place_order()
    perform_due()
    shop.place_order(status="cancelled")
    perform_all()
    db.session.rollback()
    assert db.session.query(Message).one().body == "Cancelled"


def test_a_change_that_comes_later_is_not_waited_for() -> None:
    later = change("status", "Picked") | {"timing": IN_A_DAY}
    shop.publish_automation("Tell", "created", actions=[later, email("Now {{ order.status }}")])
    shop.place_order()
    perform_all()
    db.session.rollback()
    assert db.session.query(Message).one().body == "Now Unconfirmed"
    perform_all(NOW + dt.timedelta(days=1))
    db.session.rollback()
    assert db.session.query(Order).one().status == "picked"


def test_a_change_that_failed_is_not_claimed() -> None:
    shop.publish_automation(
        "Tell", "created", actions=[change("status", "{{ order.note }}"), email("Now {{ order.status }}")]
    )
    shop.place_order(note="no such status")
    perform_all()
    db.session.rollback()
    assert [run.state for run in shop.runs()] == ["failed", SUCCEEDED]
    assert db.session.query(Message).one().body == "Now Unconfirmed"


def test_the_worker_sends_it_once_the_change_is_done(app: Flask) -> None:
    texts = [email("Now {{ order.status }}")] * 3
    changes = [change("status", "Picked"), change("note", "Hurry")]
    shop.publish_automation("Prepare", "created", actions=[*changes, *texts])
    shop.place_order(now=dt.datetime.now(dt.UTC))
    with working(app):
        wait_until(lambda: {run.state for run in shop.runs()} == {SUCCEEDED})
    assert [message.body for message in db.session.query(Message)] == ["Now Picked"] * 3


def test_an_action_that_shows_nothing_of_the_change_does_not_wait_for_it() -> None:
    actions = [change("status", "Picked"), email("It is {{ order.number }}")]
    shop.publish_automation("Prepare", "created", actions=actions)
    shop.place_order()
    assert perform_due() == 2
    assert {run.state for run in shop.runs()} == {SUCCEEDED}
