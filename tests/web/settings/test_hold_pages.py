"""The page after a restore: runs that may already have gone out, and who decides about them."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.hold import Hold, Release
from automations.models.tables.people import Audit
from automations.models.tables.run import QUEUED, SUCCEEDED, WAITING, Run
from automations.models.tables.schedule_progress import Due
from automations.pipeline.runs import store_hold
from tests.kit.doing import perform_due
from tests.kit.shop import place_order, publish_automation, runs, set_run
from tests.web.pages import text_of
from tests.world import NOW

ANNA = 1
EARLIER = NOW.replace(year=2020)
BACKUP = EARLIER + dt.timedelta(hours=2)
RESTORED = EARLIER + dt.timedelta(days=1)
LATER = RESTORED + dt.timedelta(hours=1)


@pytest.fixture
def held(app: Flask) -> None:
    """Two orders from before the restore and one since."""
    publish_automation("Confirm", "created", now=EARLIER)
    for number in ("41", "42"):
        place_order(number, customer_id=ANNA, now=EARLIER)
    with write() as session:
        store_hold.begin(session, RESTORED, BACKUP)
    place_order("43", customer_id=ANNA, now=LATER)


def released() -> list[int]:
    return [row.run_id for row in db.session.query(Release)]


def all_states() -> list[str]:
    db.session.rollback()
    return [run.state for run in runs()]


@pytest.mark.usefixtures("held")
def test_every_page_announces_the_hold_and_only_admins_are_asked_to_decide(
    as_ada: FlaskClient, as_finn: FlaskClient
) -> None:
    for page in ("/", "/orders", "/settings/audit", "/nothing-here"):
        assert "Nothing is sent automatically." in as_ada.get(page, follow_redirects=True).text, page
    assert "An admin of the store decides" in as_finn.get("/orders").text
    assert as_finn.get("/hold").status_code == 403


@pytest.mark.usefixtures("held")
def test_each_store_has_its_own_hold(as_mallory: FlaskClient, as_ada: FlaskClient) -> None:
    assert "Nothing is sent automatically." in as_mallory.get("/orders").text
    as_ada.post("/hold/end")
    assert "Nothing is sent automatically." in as_mallory.get("/orders").text
    assert "Nothing is sent automatically." not in as_ada.get("/orders").text


@pytest.mark.usefixtures("held")
def test_the_page_lists_waiting_runs_and_marks_those_since_the_restore(as_ada: FlaskClient) -> None:
    words = text_of(as_ada.get("/hold"))
    assert "3 actions wait, 2 of them from before the restore." in words
    for number in ("41", "42", "43"):
        assert f"Order {number}" in words
    assert words.count("New since the restore") == 1


@pytest.mark.usefixtures("held")
def test_a_run_due_before_the_restore_counts_as_from_before_it(as_ada: FlaskClient) -> None:
    with write() as session:
        run = session.query(Run).order_by(Run.id.desc()).first()
        assert run is not None
        evaluation = run.evaluation
        automation = {"store_id": run.store_id, "automation_id": evaluation.automation_id}
        due = {"version_id": evaluation.version_id, "subject": "order", "record_id": 3, "due_at": BACKUP}
        session.add(Due(**automation, **due, occurrence_id=evaluation.occurrence_id))
    assert "3 of them from before" in text_of(as_ada.get("/hold"))


@pytest.mark.usefixtures("held")
def test_runs_are_released_or_marked_as_arrived_one_by_one(as_ada: FlaskClient) -> None:
    first, second, _ = runs()
    as_ada.post(f"/hold/runs/{first.id}/releases")
    as_ada.post(f"/hold/runs/{second.id}/arrivals")
    db.session.rollback()
    assert released() == [first.id]
    assert [run.state for run in runs()] == [WAITING, SUCCEEDED, WAITING]
    assert "Ada Quill says it went out before" in runs()[1].attempts[0].detail
    assert {"released", "marked as arrived"} <= {row.action for row in db.session.query(Audit)}
    assert "1 action waits" in text_of(as_ada.get("/hold"))


@pytest.mark.usefixtures("held")
def test_what_was_released_before_a_second_restore_waits_again(as_ada: FlaskClient) -> None:
    first, _, newest = runs()
    as_ada.post(f"/hold/runs/{first.id}/releases")
    with write() as session:
        store_hold.begin(session, LATER, BACKUP)
    assert "3 actions wait" in text_of(as_ada.get("/hold"))
    as_ada.post(f"/hold/runs/{newest.id}/releases")
    perform_due(LATER)
    assert all_states() == [QUEUED, QUEUED, SUCCEEDED]


@pytest.mark.usefixtures("held")
def test_what_is_not_due_yet_is_neither_listed_nor_decided(as_ada: FlaskClient) -> None:
    newest = runs()[-1].id
    set_run(newest, due_at=NOW.replace(year=2100))
    assert "2 actions wait" in text_of(as_ada.get("/hold"))
    for decision in ("releases", "arrivals"):
        again = as_ada.post(f"/hold/runs/{newest}/{decision}", follow_redirects=True)
        assert "Someone else got there first" in again.text
    assert released() == [] and runs()[-1].state == WAITING


@pytest.mark.usefixtures("held")
def test_a_decided_run_cannot_be_decided_again(as_ada: FlaskClient) -> None:
    run_id = runs()[0].id
    as_ada.post(f"/hold/runs/{run_id}/arrivals")
    again = as_ada.post(f"/hold/runs/{run_id}/releases", follow_redirects=True)
    assert "Someone else got there first" in again.text
    assert released() == []


@pytest.mark.usefixtures("held")
def test_marking_all_as_arrived_leaves_runs_since_the_restore_waiting(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/hold/arrivals", follow_redirects=True)
    assert "Marked as arrived: 2 actions from before the restore. They will" in answer.text
    assert [run.state for run in runs()] == [SUCCEEDED, SUCCEEDED, WAITING]
    assert db.session.query(Hold).filter(Hold.ended_at.is_(None)).count() == 2


@pytest.mark.usefixtures("held")
def test_ending_the_hold_releases_everything_and_is_audited(as_ada: FlaskClient) -> None:
    as_ada.post("/hold/end")
    assert "Nothing is on hold any more" in as_ada.post("/hold/end", follow_redirects=True).text
    with write() as session:
        store_id = runs()[0].store_id
        free = session.query(Run).filter(store_hold.may_leave(), Run.store_id == store_id)
        assert free.count() == 3
    assert [row.about for row in db.session.query(Audit).filter_by(action="ended")] == [
        "the hold after a restore"
    ]


def test_without_a_hold_the_page_says_so(as_ada: FlaskClient) -> None:
    assert "Nothing is on hold" in as_ada.get("/hold").text
