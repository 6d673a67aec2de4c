"""Archiving an automation: pending actions are shown and cancelled, and it can be restored."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit import shop
from tests.web.pages import text_of

LATER = shop.email_to() | {"timing": {"when": "after", "amount": "2", "unit": "days"}, "recheck": True}


def automation_of(automation_id: int) -> Automation:
    db.session.expire_all()
    return db.session.get_one(Automation, automation_id)


def test_an_empty_archive_explains_archiving(as_finn: FlaskClient) -> None:
    assert "Nothing is archived" in text_of(as_finn.get("/automations/archived"))


def test_pending_actions_are_listed_before_archiving(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order()
    words = text_of(as_rosa.get(f"/automations/{automation_id}/archive"))
    assert "1 waiting action is cancelled" in words
    assert "Email the customer for Order 10482" in words


def test_archiving_switches_off_hides_and_cancels_waiting_actions_with_a_reason(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order()
    answer = as_rosa.post(f"/automations/{automation_id}/archive", follow_redirects=True)
    assert "“Thank you” is archived. One waiting action was cancelled." in text_of(answer)
    assert "by Rosa Lind" in text_of(answer)
    run = shop.runs()[0]
    assert (run.state, run.reason) == ("cancelled", "Cancelled: the automation was archived by Rosa Lind")
    assert automation_of(automation_id).active_version_id is None
    assert f"/automations/{automation_id}/archive" not in as_rosa.get("/automations").text
    assert "archived by Rosa Lind" in text_of(as_rosa.get("/orders/10482"))
    shop.place_order("10483")
    assert len(shop.runs()) == 1


def test_an_archived_automation_cannot_be_switched_on_or_published(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    as_rosa.post(f"/automations/{automation_id}/archive")
    refused = as_rosa.post(f"/automations/{automation_id}/activation", follow_redirects=True)
    assert "“Thank you” is archived. Restore it before you switch it on" in text_of(refused)
    assert automation_of(automation_id).active_version_id is None
    assert as_rosa.post(f"/automations/{automation_id}/archive").status_code == 409


def test_a_restored_automation_is_listed_and_off(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    as_rosa.post(f"/automations/{automation_id}/archive")
    answer = as_rosa.post(f"/automations/{automation_id}/restoration", follow_redirects=True)
    assert "is restored and switched off" in text_of(answer)
    automation = automation_of(automation_id)
    assert (automation.archived_at, automation.archived_by, automation.active_version_id) == (
        None,
        None,
        None,
    )
    assert "Thank you" in text_of(as_rosa.get("/automations"))


def test_archiving_leaves_the_actions_of_other_automations_waiting(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.publish_automation("Other", "created", actions=[LATER])
    shop.place_order()
    as_rosa.post(f"/automations/{automation_id}/archive")
    assert sorted(run.state for run in shop.runs()) == ["cancelled", "waiting"]
