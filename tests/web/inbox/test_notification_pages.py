"""The bell, the page of notifications, and marking them as read."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
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
    assert 'aria-label="Notifications"' in as_rosa.get("/orders").text
    tell()
    tell("Finn")
    assert 'aria-label="Notifications, 1 unread"' in as_rosa.get("/orders").text


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
