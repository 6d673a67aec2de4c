"""Managers are told what the program did by itself: under the bell, and by email and chat where set."""

from __future__ import annotations

import pytest

from automations.models.db.base import db, write
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from automations.models.tables.run import Run
from automations.pipeline.providers import manager_alerts
from automations.pipeline.providers.manager_alerts import Alert
from tests.kit import shop
from tests.kit.doing import add_connection
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
MAIL = {"host": "mail.example", "port": 25, "security": "none"}


def alert(times: int = 1) -> list[Run]:
    """Alert about the one evaluation there is; return the runs of the alerts."""
    shop.publish_automation("Thank you", "created", actions=[shop.email_to()] * 2)
    shop.place_order(customer_id=1)
    evaluation_id = shop.runs()[0].evaluation_id
    for _ in range(times):
        with write() as session:
            manager_alerts.alert_managers(session, Alert(evaluation_id, "It was paused", "Look."), NOW)
    return shop.runs()[2:]


def recipients(run: Run) -> list[tuple[str, str]]:
    return [(message["to"], message["channel"]) for message in run.prepared]


def test_without_mail_and_chat_the_bell_tells_admins_and_managers_of_the_store() -> None:
    assert alert() == []
    rows = db.session.query(User.name, Notification.title, Notification.subject, Notification.record_id)
    told = rows.join(User, User.id == Notification.user_id).order_by(User.name).all()
    assert [tuple(row) for row in told] == [
        ("Ada Quill", "It was paused", "order", 1),
        ("Rosa Lind", "It was paused", "order", 1),
    ]


def test_with_a_mail_server_each_of_them_gets_an_email_of_their_own() -> None:
    add_connection("smtp", MAIL)
    (run,) = alert()
    assert recipients(run) == [("ada@bloom.example", "email"), ("rosa@bloom.example", "email")]
    assert {(message["subject"], message["body"]) for message in run.prepared} == {("It was paused", "Look.")}
    assert (run.kind, run.state, run.due_at) == ("notify", "waiting", NOW)


def test_a_mail_server_without_a_host_counts_as_none() -> None:
    add_connection("smtp", MAIL | {"host": ""})
    assert alert() == []


def test_the_chat_gets_one_message() -> None:
    add_connection("chat", {}, "json://chat.example/room")
    (run,) = alert()
    assert recipients(run) == [("the chat", "chat")]


def test_several_alerts_about_one_evaluation_stand_behind_its_actions_and_each_other() -> None:
    add_connection("smtp", MAIL)
    assert [run.position for run in alert(times=3)] == [1000, 1001, 1002]


def test_who_was_disabled_is_not_told() -> None:
    add_connection("smtp", MAIL)
    with write() as session:
        session.query(User).filter_by(email="rosa@bloom.example").one().disabled_at = NOW
    (run,) = alert()
    assert recipients(run) == [("ada@bloom.example", "email")]
