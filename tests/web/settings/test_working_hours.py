"""Settings: working hours and quiet hours."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.features.history.upcoming_runs import upcoming
from automations.features.history.why_not import why_not
from automations.features.scheduling import manual_run, scan
from automations.features.trial.trial import test_fire as fire_a_test
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from tests.kit.shop import condition, email_to, place_order, publish_automation, runs
from tests.kit.time import timed
from tests.world import NOW


def test_the_default_hours_are_shown_until_they_are_changed(as_ada: FlaskClient, bloom: Store) -> None:
    page = as_ada.get("/settings/hours").text
    assert page.count('value="09:00"') == page.count('value="18:00"') == 6
    assert as_ada.post("/settings/hours", data={"opens-6": "10:00", "closes-6": "14:00"}).status_code == 303
    db.session.expire_all()
    assert bloom.working_hours == {"6": ["10:00", "14:00"]}
    assert as_ada.get("/settings/hours").text.count('value="10:00"') == 1


def test_incomplete_or_reversed_hours_are_refused(as_ada: FlaskClient, bloom: Store) -> None:
    for span in (
        {"opens-0": "09:00"},
        {"opens-0": "18:00", "closes-0": "09:00"},
        {"opens-0": "9", "closes-0": "10"},
        {"quiet-from": "20:00"},
        {"quiet-from": "20:00", "quiet-until": "20:00"},
    ):
        answer = as_ada.post("/settings/hours", data=span)
        assert answer.status_code == 422 and "invalid-feedback" in answer.text
    assert bloom.working_hours is None


def test_the_quiet_hours_of_marketing_can_be_changed(as_ada: FlaskClient, bloom: Store) -> None:
    page = as_ada.get("/settings/hours").text
    assert 'name="quiet-from" value="20:00"' in page and 'name="quiet-until" value="08:00"' in page
    as_ada.post("/settings/hours", data={"quiet-from": "21:30", "quiet-until": "07:00"})
    db.session.expire_all()
    assert bloom.quiet_hours == ["21:30", "07:00"]
    assert 'value="21:30"' in as_ada.get("/settings/hours").text
    as_ada.post("/settings/hours", data={})
    db.session.expire_all()
    assert bloom.quiet_hours == []


def test_what_is_set_there_counts_wherever_working_hours_are_asked(as_ada: FlaskClient, bloom: Store) -> None:
    """NOW is a Sunday at ten, when a store without hours of its own is closed; this one opens at noon."""
    opened = as_ada.post("/settings/hours", data={"opens-6": "12:00", "closes-6": "14:00"})
    assert opened.status_code == 303
    db.session.expire_all()
    half_past_noon = NOW.replace(hour=12, minute=30)

    waits = email_to() | {"timing": {"when": "working_hours", "recheck": True}}
    publish_automation("When open", "created", actions=[waits])
    order = place_order(customer_id=1)
    assert [run.due_at for run in runs()] == [NOW.replace(hour=12)]

    daily = {"every": "day", "weekday": None, "day": None, "time": "12:30", "segment": None}
    while_open = condition("now.working_time", "equals", "yes")
    while_closed = condition("now.working_time", "equals", "no")
    timed("Open at half past", "scheduled", daily, while_open)
    shut = timed("Closed at half past", "scheduled", daily, while_closed)
    planned = {coming.automation: coming.count for coming in upcoming(db.session(), bloom, now=NOW)}
    assert (planned["Open at half past"], planned["Closed at half past"]) == (1, 0)
    assert scan.scan(half_past_noon) == 1
    db.session.rollback()
    words, asked = StoreWords(db.session(), bloom), db.session.get_one(Automation, shut)
    answer = why_not(db.session(), bloom, words, "order", order.id, "Order 10482", asked)
    assert [chip.holds for chip in answer.chips] == [False]

    by_hand = publish_automation("By hand", "manual", while_open)
    version = db.session.get_one(Automation, by_hand).active_version
    assert version is not None
    for at, holds in ((NOW, False), (half_past_noon, True)):
        (candidate,) = manual_run.preview(db.session(), bloom, version, [order.id], at)
        assert candidate.fires is holds
        trial = fire_a_test(db.session(), bloom, words, version.definition, candidate.snapshot, now=at)
        assert trial.fires is holds
