"""The bell, the page of notifications, and marking them as read."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from automations.models.tables.shadow import Shadow
from automations.models.tables.store import Store
from automations.models.tables.surge_hold import SurgeHold
from tests.kit import shop
from tests.kit.shadows import start_shadow
from tests.web.pages import text_of
from tests.world import NOW


def tell(name: str = "Rosa", title: str = "A large order is paid", **values: Any) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter(User.name.startswith(name)).one()
        notification = Notification(store_id=store.id, user_id=user.id, title=title, created_at=NOW, **values)
        session.add(notification)
        session.flush()
        return notification.id


def unread() -> int:
    db.session.expire_all()
    return db.session.query(Notification).filter_by(read_at=None).count()


def test_an_empty_page_explains_notifications(as_finn: FlaskClient) -> None:
    assert "No notifications yet" in text_of(as_finn.get("/notifications"))


def test_the_bell_counts_only_the_persons_own_notifications(as_rosa: FlaskClient) -> None:
    assert bell(as_rosa) == "Notifications"
    tell()
    tell("Finn")
    assert bell(as_rosa) == "Notifications, 1 unread 1"


def test_the_bell_and_the_navigation_count_the_decisions_of_those_who_may_decide(
    as_rosa: FlaskClient, as_finn: FlaskClient
) -> None:
    shop.publish_automation("Thank you", "created")
    for number, state in enumerate(("failed", "unknown", "waiting", "succeeded")):
        shop.place_order(str(number))
        shop.set_run(shop.runs()[-1].id, state=state)
    tell()
    assert bell(as_rosa) == "Notifications, 1 unread, 2 need you 3"
    assert "Today 2 need you Automations" in text_of(as_rosa.get("/orders"))
    assert "2 need you. What failed for good" in text_of(as_rosa.get("/notifications"))
    assert bell(as_finn) == "Notifications" and "Today Automations" in text_of(as_finn.get("/orders"))
    shop.set_run(shop.runs()[0].id, state="succeeded")
    assert "Today 1 needs you Automations" in text_of(as_rosa.get("/orders"))


def test_a_held_automation_and_a_shadow_mode_that_is_over_need_a_person(as_rosa: FlaskClient) -> None:
    held, over = (shop.publish_automation(name, "created") for name in ("Flood", "Quiet trial"))
    shadow_id = start_shadow(over)
    with write() as session:
        session.get_one(Shadow, shadow_id).stopped_at = NOW
        version = session.get_one(Automation, held).active_version_id
        whose = {"automation_id": held, "version_id": version, "first_id": 1, "passed_to": 0}
        figures = {"fired": 400, "limit": 40, "per_day": 9.0, "seconds": 3600}
        store_id = session.get_one(Automation, held).store_id
        session.add(SurgeHold(store_id=store_id, **whose, at=NOW, figures=figures, decisions=[]))
    assert bell(as_rosa) == "Notifications, 2 need you 2"
    words = text_of(as_rosa.get("/"))
    assert "Needs you 2" in words and "Quiet trial was in shadow mode until" in words


def bell(client: FlaskClient) -> str:
    """Return what the bell says, its number last."""
    link = client.get("/orders").text.split('class="bell"')[1].split("</a>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", f"<{link}").split())


def test_it_names_its_automation_with_the_worst_outcome_of_all_its_actions(as_rosa: FlaskClient) -> None:
    notice = {"kind": "notify", "settings": {"to": "manager", "title": "Paid", "message": "", "also": ""}}
    shop.publish_automation("Two things", "created", actions=[notice, shop.email_to()])
    shop.publish_automation("One thing", "created", actions=[notice])
    shop.place_order()
    told, email, alone = (run.id for run in shop.runs())
    for run_id in (told, alone):
        shop.set_run(run_id, state="succeeded")
        tell(title="Paid", run_id=run_id)
    for state, word in (
        ("succeeded", "Sent"),
        ("failed", "Failed"),
        ("skipped", "Skipped"),
        ("unknown", "Unknown"),
    ):
        shop.set_run(email, state=state)
        words = text_of(as_rosa.get("/notifications"))
        assert f"Two things {word}" in words and re.search(r"One thing (Unread )?\d", words), words


def test_opening_one_marks_it_read_and_shows_its_record(as_rosa: FlaskClient) -> None:
    received = shop.place_order()
    notification_id = tell(subject="order", record_id=received.id)
    page = as_rosa.get("/notifications")
    assert "Order 10482" in text_of(page) and "Unread" in text_of(page)
    assert as_rosa.post(f"/notifications/{notification_id}/reading").location == "/orders/10482"
    assert unread() == 0 and "Unread" not in text_of(as_rosa.get("/notifications"))


def test_marking_all_as_read_leaves_other_peoples_unread(as_rosa: FlaskClient) -> None:
    for name in ("Rosa", "Rosa", "Finn"):
        tell(name)
    as_rosa.post("/notifications/readings")
    assert unread() == 1


def test_a_notification_for_someone_else_is_not_found(as_rosa: FlaskClient) -> None:
    notification_id = tell("Finn", "Only for Finn")
    assert as_rosa.post(f"/notifications/{notification_id}/reading").status_code == 404
    assert "Only for Finn" not in as_rosa.get("/notifications").text and unread() == 1


def test_reading_a_notification_without_a_record_returns_to_the_list(as_rosa: FlaskClient) -> None:
    assert as_rosa.post(f"/notifications/{tell()}/reading").location == "/notifications"
