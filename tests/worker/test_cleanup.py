"""What the nightly cleanup deletes and keeps, and that it makes nobody wait."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db, run_in_write, write
from automations.models.settings import log_retention
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.people import IdempotencyKey
from automations.models.tables.run import FAILED, SKIPPED, SUCCEEDED, UNKNOWN, WAITING, Attempt, Message, Run
from automations.models.tables.schedule_progress import Due
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from automations.worker import cleanup
from tests.kit.live import wait_until, working
from tests.kit.shop import condition, email_to, place_order, publish_automation, runs, set_run
from tests.kit.steps import perform_and_record
from tests.world import NOW

ANNA = 1
LIMIT = 240
DAY = dt.timedelta(days=1)
LONG_AGO = NOW - 3000 * DAY
TASK = {
    "kind": "create_task",
    "settings": {"title": "Wrap", "assignee": "manager", "priority": "normal"},
}


def clean_up(now: dt.datetime = NOW) -> cleanup.CleanupResult:
    return cleanup.clean_up(None, now, lambda seconds: True)


def numbers() -> list[str]:
    """Return the numbers of the orders whose log still exists."""
    db.session.rollback()
    joined = sa.select(Order.number).join(Occurrence, Occurrence.record_id == Order.id)
    return sorted(db.session.scalars(joined.where(Occurrence.subject == "order")))


@pytest.fixture
def long_ago(app: Flask) -> Flask:
    """Place two orders eight years ago: one without any run, and one whose customer got a message."""
    publish_automation("Confirm", "created", condition("tags", "contains", "vip"), now=LONG_AGO)
    place_order("quiet", customer_id=ANNA, now=LONG_AGO)
    place_order("loud", customer_id=ANNA, tags=("vip",), now=LONG_AGO)
    perform_and_record(app, LONG_AGO)
    assert [run.state for run in runs()] == [SUCCEEDED]
    return app


def test_sent_messages_are_kept_longest(long_ago: Flask) -> None:
    days = (
        log_retention.USUAL[log_retention.NOTHING],
        log_retention.USUAL[log_retention.UNSENT],
        log_retention.USUAL[log_retention.SENT],
    )
    assert days[0] < days[1] < days[2]
    clean_up(LONG_AGO + (days[0] - 1) * DAY)
    assert numbers() == ["loud", "quiet"]
    clean_up(LONG_AGO + (days[0] + 1) * DAY)
    assert numbers() == ["loud"]
    clean_up(LONG_AGO + (days[2] - 1) * DAY)
    assert numbers() == ["loud"]
    assert clean_up(LONG_AGO + (days[2] + 1) * DAY).occurrences == 1
    assert numbers() == []
    for table in (Occurrence, Evaluation, Run, Attempt, Message):
        assert db.session.query(table).count() == 0
    assert db.session.query(Order).count() == 2, "the orders themselves stay"


@pytest.mark.parametrize(
    ("state", "left"), [(SKIPPED, []), (FAILED, []), (UNKNOWN, ["loud"]), (WAITING, ["loud"])]
)
def test_unfinished_or_undecided_runs_are_kept_for_ever(long_ago: Flask, state: str, left: list[str]) -> None:
    set_run(1, state=state)
    clean_up()
    assert numbers() == left


def test_a_failed_run_of_which_some_left_is_kept_as_long_as_a_sent_one(long_ago: Flask) -> None:
    """Not everyone got it, and whoever did is no less written to."""
    set_run(1, state=FAILED)
    clean_up(LONG_AGO + (log_retention.USUAL[log_retention.SENT] - 1) * DAY)
    assert numbers() == ["loud"]
    with write() as session:
        session.execute(sa.update(Attempt).values(result="refused"))
    clean_up(LONG_AGO + (log_retention.USUAL[log_retention.UNSENT] + 1) * DAY)
    assert numbers() == []


def test_a_store_keeps_its_log_for_the_time_it_set(long_ago: Flask) -> None:
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().retention = {"nothing": 0, "sent": 31}
    clean_up()
    assert numbers() == ["quiet"], "0 means for ever"


def test_tasks_and_notifications_outlive_their_runs(app: Flask) -> None:
    notice = {"kind": "notify", "settings": {"to": "manager", "title": "Look", "message": "At it."}}
    publish_automation("Wrap", "created", actions=[TASK, notice], now=LONG_AGO)
    place_order("1", customer_id=ANNA, now=LONG_AGO)
    perform_and_record(app, LONG_AGO)
    assert (db.session.query(Task).count(), db.session.query(Notification).count()) == (1, 1)
    assert clean_up().occurrences == 1
    db.session.rollback()
    assert [task.run_id for task in db.session.query(Task)] == [None]
    assert [notice.run_id for notice in db.session.query(Notification)] == [None]


def test_a_processed_instant_stays_processed(long_ago: Flask) -> None:
    first = db.session.query(Occurrence).order_by(Occurrence.id).first()
    version = db.session.query(Evaluation).one()
    assert first is not None
    with write() as session:
        source = {"store_id": first.store_id, "automation_id": version.automation_id}
        due_for = {"version_id": version.version_id, "subject": "order", "record_id": 1, "due_at": LONG_AGO}
        session.add(Due(**source, **due_for, occurrence_id=first.id))
    clean_up()
    db.session.rollback()
    assert [due.occurrence_id for due in db.session.query(Due)] == [None]


def test_cleanup_works_in_pieces_and_lets_others_write_in_between(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "PIECE", 2)
    for number in range(7):
        place_order(f"old-{number}", now=LONG_AGO)
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        # The database is not locked between two pieces.
        place_order(f"new-{len(pauses)}")
        return len(pauses) < 3

    assert cleanup.clean_up(None, NOW, pause).occurrences >= 6
    assert len(pauses) >= 3
    assert sum(number.startswith("new") for number in numbers()) == len(pauses)


def test_only_expired_idempotency_keys_are_deleted_oldest_first(
    app: Flask, bloom: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "PIECE", 2)
    store_id = bloom.id
    ages = (10, 9, 8, 6, 1)
    with write() as session:
        for age in ages:
            row = IdempotencyKey(store_id=store_id, key=f"{age} days", body_hash="x", status=200, answer="")
            row.created_at = NOW - age * DAY
            session.add(row)
            session.flush()
    assert run_in_write(lambda session: cleanup.delete_expired_keys(session, NOW)) == 2
    assert run_in_write(lambda session: cleanup.delete_expired_keys(session, NOW)) == 1
    assert run_in_write(lambda session: cleanup.delete_expired_keys(session, NOW)) == 0
    assert {row.key for row in db.session.query(IdempotencyKey)} == {"6 days", "1 days"}


@pytest.mark.parametrize(
    ("last", "now", "is_time"),
    [
        (None, "2026-11-22 12:00", True),
        ("2026-11-21 02:00", "2026-11-22 02:00", True),
        ("2026-11-21 02:00", "2026-11-22 00:30", False),
        ("2026-11-22 02:00", "2026-11-22 03:00", False),
        ("2026-11-21 02:00", "2026-11-22 13:00", False),
        ("2026-11-21 02:00", "2026-11-22 14:01", True),
    ],
)
def test_cleanup_runs_once_a_night_or_by_day_if_the_night_was_missed(
    app: Flask, last: str | None, now: str, is_time: bool
) -> None:
    def instant(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)

    def ask(at: str) -> bool:
        return run_in_write(lambda session: cleanup.is_time(session, instant(at)))

    if last:
        run_in_write(lambda session: cleanup.heartbeat.note(session, {"tidy": instant(last)}))
    assert ask(now) == is_time
    assert not ask(now), "only one of several workers cleans up"


def test_old_workflows_are_deleted_and_recent_ones_kept(app: Flask) -> None:
    publish_automation("Confirm", "created", actions=[email_to()])
    with working(app) as worker:
        place_order("1", customer_id=ANNA, now=NOW.replace(year=2020))
        wait_until(lambda: {run.state for run in runs()} == {SUCCEEDED}, limit=LIMIT)
        listed = worker.client.list_workflows
        wait_until(lambda: Counter(workflow.status for workflow in listed()) == {"SUCCESS": 1}, limit=LIMIT)
        now = dt.datetime.now(dt.UTC)
        assert cleanup.delete_old_workflows(worker.client, now, lambda _: True) == 0
        assert cleanup.delete_old_workflows(worker.client, now + 3 * DAY, lambda _: True) == 1
        assert listed() == []
