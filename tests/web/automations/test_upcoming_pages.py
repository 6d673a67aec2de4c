"""The page of what an automation will do next: skip it, or send it now."""

from __future__ import annotations

import datetime as dt

from flask.testing import FlaskClient

from automations.features.authoring import publish
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.schedule_progress import Due
from tests.kit import shop
from tests.web.automations.test_archive_pages import LATER
from tests.web.pages import text_of


def test_an_empty_page_explains_what_appears_here(as_finn: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    assert "Nothing is coming up" in text_of(as_finn.get(f"/automations/{automation_id}/upcoming"))


def test_a_waiting_action_is_shown_with_its_record(as_finn: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order()
    answer = as_finn.get(f"/automations/{automation_id}/upcoming")
    assert "Email the customer for Order 10482" in text_of(answer) and "/orders/10482" in answer.text
    assert "/skip" not in answer.text


def test_a_waiting_action_is_skipped_with_a_reason(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order()
    address = f"/automations/{automation_id}/upcoming/runs/{shop.runs()[0].id}/skip"
    assert "The action is skipped." in text_of(as_rosa.post(address, follow_redirects=True))
    db.session.expire_all()
    run = shop.runs()[0]
    assert run.state == "cancelled" and "Rosa Lind" in (run.reason or "")
    assert "Someone else got there first" in text_of(as_rosa.post(address, follow_redirects=True))


def test_a_waiting_action_is_sent_now(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order(now=dt.datetime.now(dt.UTC))
    as_rosa.post(f"/automations/{automation_id}/upcoming/runs/{shop.runs()[0].id}/sending")
    db.session.expire_all()
    assert shop.runs()[0].due_at <= dt.datetime.now(dt.UTC)


def test_a_run_of_another_automation_is_not_found(as_rosa: FlaskClient) -> None:
    shop.publish_automation("Thank you", "created", actions=[LATER])
    other = shop.publish_automation("Other", "status_changed")
    shop.place_order()
    address = f"/automations/{other}/upcoming/runs/{shop.runs()[0].id}/skip"
    assert as_rosa.post(address).status_code == 404


def test_a_due_time_is_skipped_before_its_run_exists(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    received = shop.place_order()
    at = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    instant = {"subject": "order", "record": str(received.id), "at": at.isoformat()}
    as_rosa.post(f"/automations/{automation_id}/upcoming/skip", data=instant)
    due = db.session.query(Due).one()
    assert (due.record_id, due.due_at, due.occurrence_id) == (received.id, at, None)
    for wrong in ({"at": "soon"}, {"record": "x"}, {"subject": "moon"}):
        answer = as_rosa.post(f"/automations/{automation_id}/upcoming/skip", data=instant | wrong)
        assert answer.status_code == 400
    gone = as_rosa.post(f"/automations/{automation_id}/upcoming/skip", data=instant | {"record": "99"})
    assert gone.status_code == 404


def test_an_action_due_on_a_date_is_sent_early_once(as_rosa: FlaskClient) -> None:
    schedule = {
        "field": "delivery_date",
        "direction": "before",
        "amount": "1",
        "unit": "days",
        "time": "09:00",
    }
    automation_id = shop.draft_automation("Tomorrow", "date_reached")
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        trigger = {"key": "date_reached", "from": None, "to": None, "schedule": schedule}
        automation.draft = automation.draft | {"trigger": trigger}
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        publish.publish(session, automation, rosa, now)
    order = shop.place_order(now=now, delivery_date=now.date() + dt.timedelta(days=10))
    page = as_rosa.get(f"/automations/{automation_id}/upcoming")
    assert "for Order 10482" in text_of(page) and "as things are now" in text_of(page)
    at = page.text.partition('name="at" value="')[2].partition('"')[0]
    instant = {"subject": "order", "record": str(order.id), "at": at}
    address = f"/automations/{automation_id}/upcoming/sending"
    assert "It is sent now. That cannot be undone." in text_of(
        as_rosa.post(address, data=instant, follow_redirects=True)
    )
    assert len(shop.runs()) == 1 and db.session.query(Due).one().due_at.isoformat() == at
    assert "Someone else got there first" in text_of(
        as_rosa.post(address, data=instant, follow_redirects=True)
    )
    assert f'"{address}"' not in as_rosa.get(f"/automations/{automation_id}/upcoming").text
