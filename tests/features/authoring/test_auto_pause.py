"""An automation that goes round in circles is paused, its managers are told, and a person switches it on."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from automations.features.authoring import auto_pause
from automations.features.history import record_log
from automations.models.db.base import db, run_in_write, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import Audit, User
from automations.models.tables.run import SUCCEEDED, Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation import loop_guard
from tests.kit import shop
from tests.kit.doing import add_connection, perform_all
from tests.kit.live import wait_until, working
from tests.kit.outside.smtp_sink import SmtpSink
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


def sets(name: str, after: str, value: str) -> int:
    action = {"kind": "change_data", "settings": {"field": "status", "value": value}}
    return shop.publish_automation(name, "status_changed", after=after, actions=[action])


def go_round(**options: Any) -> int:
    """Two that undo each other, set off; returns the one that is held back."""
    sets("Confirm", "picked", "confirmed")
    pick = sets("Pick", "confirmed", "picked")
    shop.place_order(**options)
    shop.place_order(status="confirmed", **options)
    return pick


def automation(id: int) -> Automation:
    db.session.expire_all()
    return db.session.get_one(Automation, id)


def told() -> dict[str, str]:
    """Whom the bell tells -> the title."""
    rows = db.session.query(User.name, Notification.title).join(User, User.id == Notification.user_id)
    return dict(rows.all())


def test_it_is_paused_and_its_page_can_say_why() -> None:
    id = go_round()
    perform_all()
    one = automation(id)
    assert (one.active_version_id, one.paused_at) == (None, NOW)
    assert "The chain: “Pick” → “Confirm” → “Pick”." in (one.paused_why or "")
    (noted,) = db.session.query(Audit).filter_by(action="paused").all()
    assert (noted.about, noted.after) == ("automation “Pick”", one.paused_why)


def test_the_worker_does_not_wait_for_someone_changing_the_store() -> None:
    if db.engine.dialect.name == "sqlite":
        return  # it has one writer at a time
    id = go_round()
    perform_all()
    asked = {"active_version_id": Automation.latest_version_id, "paused_at": None}
    with write() as session:
        session.execute(sa.update(Automation).where(Automation.id == id).values(**asked, paused_for=1))

    def pause(session: Session) -> None:
        session.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
        auto_pause.pause_asked(session, NOW)

    with db.engine.connect() as someone:
        someone.execute(sa.select(Store.id).with_for_update())
        run_in_write(pause)
        assert automation(id).paused_at is None
    run_in_write(pause)
    assert automation(id).paused_at == NOW


def test_a_listener_runs_once_per_chain_and_is_not_paused() -> None:
    told_of = shop.publish_automation("Note changes", "field_changed", actions=[shop.email_to()])
    sets("Confirm", "picked", "confirmed")
    shop.place_order()
    shop.place_order(status="picked")
    perform_all()
    assert automation(told_of).paused_at is None
    outcomes = db.session.query(Evaluation.outcome).filter_by(automation_id=told_of)
    assert sorted(outcome for (outcome,) in outcomes) == ["fired", "held"]


def test_only_the_managers_are_notified() -> None:
    go_round()
    perform_all()
    assert told() == dict.fromkeys(["Ada Quill", "Rosa Lind"], "“Pick” was paused")
    (first, _) = db.session.query(Notification).order_by(Notification.id).all()
    assert "The chain: “Pick”" in first.body and first.body.endswith("on its page.")
    assert (first.subject, first.record_id) == ("order", shop.occurrences()[0].record_id)
    assert db.session.query(Run).filter(Run.prepared.is_not(None)).count() == 0


def test_they_get_an_email_where_a_mail_server_is_set(bloom: Store) -> None:
    with SmtpSink() as smtp:
        add_connection("smtp", {"host": "127.0.0.1", "port": smtp.port, "security": "none"})
        go_round()
        perform_all()
    assert sorted(smtp.recipients) == [["ada@bloom.example"], ["rosa@bloom.example"]]
    assert {email["Subject"] for email in smtp.emails} == {"“Pick” was paused"}
    (run,) = db.session.query(Run).filter(Run.prepared.is_not(None)).all()
    assert run.state == SUCCEEDED
    words, record_id = StoreWords(db.session(), bloom), shop.occurrences()[0].record_id
    log = record_log.log_for_record(db.session(), bloom, words, "order", record_id)
    (held,) = [one for entry in log.entries for one in entry.verdicts if one.outcome == "held"]
    assert [(line.label, line.state) for line in held.runs] == [("Notify the team", SUCCEEDED)]


def test_it_fires_nothing_while_paused_and_again_once_switched_on() -> None:
    id = go_round()
    perform_all()
    shop.place_order("2")
    assert shop.place_order("2", status="confirmed").fired == 0
    shop.switch_on(id)
    one = automation(id)
    assert (one.paused_for, one.paused_at, one.paused_why) == (None, None, None)
    shop.place_order("3")
    assert shop.place_order("3", status="confirmed").fired == 1


def test_each_loop_pauses_it_and_notifies_once() -> None:
    id = go_round()
    perform_all()
    with write() as session:
        assert auto_pause.pause_asked(session, NOW) == 0
    shop.switch_on(id)
    shop.place_order(status="fulfilled")
    shop.place_order(status="confirmed")
    perform_all()
    assert automation(id).paused_at
    assert db.session.query(Notification).count() == 4


def test_one_that_someone_switched_off_meanwhile_stays_off() -> None:
    id = go_round()
    do_all_but_pausing(id)
    assert (automation(id).paused_at, automation(id).paused_for) == (None, None)
    assert told() == {}


def do_all_but_pausing(id: int) -> None:
    """The circle is met, and before the worker looks, someone switches the automation off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auto_pause, "pause_asked", lambda *_: 0)
        perform_all()
    assert automation(id).paused_for
    shop.switch_off(id)
    with write() as session:
        auto_pause.pause_asked(session, NOW)


def test_of_many_that_start_too_often_the_busiest_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_guard, "STARTS_PER_RECORD", 6)
    busy = shop.publish_automation("Busy", "status_changed", actions=[shop.email_to()])
    rare = shop.publish_automation("Rare", "status_changed", after="picked", actions=[shop.email_to()])
    shop.place_order()
    for status in ("confirmed", "picked", "confirmed", "picked", "fulfilled", "picked"):
        received = shop.place_order(status=status)
    assert received.fired == 0
    perform_all()
    assert automation(busy).paused_at and "6 times for it in 30 minutes" in (
        automation(busy).paused_why or ""
    )
    assert automation(rare).active_version_id


def test_the_worker_pauses_it(app: Flask) -> None:
    id = go_round(now=NOW.replace(year=2020))
    with working(app):
        wait_until(lambda: db.session.get_one(Automation, id).paused_at is not None)
    assert len(told()) == 2


def test_the_alert_may_contain_braces_and_is_no_action_of_the_chain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop_guard, "ACTIONS_PER_ROOT", 2)
    with SmtpSink() as smtp:
        add_connection("smtp", {"host": "127.0.0.1", "port": smtp.port, "security": "none"})
        sets("Confirm {{ x }}", "picked", "confirmed")
        sets("Pick {% if %}", "confirmed", "picked")
        shop.place_order()
        shop.place_order(status="confirmed")
        perform_all()
    assert smtp.emails[0]["Subject"] == "“Pick {% if %}” was paused"
