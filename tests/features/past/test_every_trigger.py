"""Every trigger of every subject can be asked about the past: by what was recorded, or by when it was due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import rule_from
from automations.features.authoring import drafts, publish
from automations.features.past.asking import listened_to, matches
from automations.features.past.period import Period
from automations.features.past.time_moments import NotTimed, due_moments, time_matches
from automations.features.scheduling import scan
from automations.models.db.base import db, write
from automations.models.tables.occurrence import MANUAL, Evaluation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.features.audience.test_nightly_segments import make as make_segment
from tests.kit.past_time import every, stays
from tests.kit.shop import change, condition, email_to
from tests.kit.time import reached
from tests.world import NOW

DAY = dt.timedelta(days=1)
NUMBER, STORE = "777", "Bloom & Wild St"
KINDS = [(subject.key, key) for subject in SUBJECTS.values() for key in subject.triggers]
STATUS = {"order": "confirmed", "event": "quote_sent"}
#: What is told about a record two days after it is first told of, by the trigger that it sets off.
TOLD: dict[str, Callable[[str], dict[str, Any]]] = {
    "created": lambda subject: {},
    "status_changed": lambda subject: {"status": STATUS[subject]},
    "payment_status_changed": lambda subject: {"payment_status": "paid"},
    "field_changed": lambda subject: {"note": "Ring twice."},
    "carrier_changed": lambda subject: {"tracking_number": "1Z999"},
    "segment_entered": lambda subject: {"marketing_consent": True},
    "segment_left": lambda subject: {"marketing_consent": True},
    "date_reached": lambda subject: {},
    "stays_in_status": lambda subject: {"status": STATUS[subject]},
    "scheduled": lambda subject: {},
}


def test_there_is_a_way_for_every_trigger() -> None:
    assert {key for _, key in KINDS} == TOLD.keys() | {MANUAL}


@pytest.mark.parametrize(("subject", "key"), [kind for kind in KINDS if kind[1] != MANUAL])
def test_the_past_has_what_it_set_off(app: Flask, bloom: Store, subject: str, key: str) -> None:
    trigger, timed = trigger_of(subject, key), bool(SUBJECTS[subject].triggers[key].schedule)
    id = publish_watching(subject, trigger)
    record = change(STORE, subject, NUMBER, now=NOW + DAY, **first_told(subject))
    change(STORE, subject, NUMBER, now=NOW + 2 * DAY, **TOLD[key](subject))
    if key == "segment_left":
        change(STORE, subject, NUMBER, now=NOW + 3 * DAY, marketing_consent=False)
    for day in range(1, 9):
        scan.scan(NOW + day * DAY)
    fired = _fired(id)
    rule, period = rule_from(0, {"subject": subject, "trigger": trigger, "conditions": []}), _period()
    assert bool(listened_to(bloom, subject, key)) is not timed
    if timed:
        found = time_matches(db.session(), bloom, rule, period, period.until)
        # What the automation wrote itself is newer than what was true when it did.
        mine = [moment.record_id for moment in found if moment.record_id == record.id]
        assert mine == [id for _, id in fired if id == record.id]
    else:
        recorded = matches(db.session(), bloom, rule, period)
        assert list(zip(recorded.ids.tolist(), recorded.record_ids.tolist(), strict=True)) == fired
        with pytest.raises(NotTimed):
            due_moments(db.session(), bloom, rule, period, period.until)
    assert fired


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_runs_only_by_hand_has_no_past_of_its_own(app: Flask, bloom: Store, subject: str) -> None:
    trigger = {"key": MANUAL, "from": None, "to": None}
    rule = rule_from(0, {"subject": subject, "trigger": trigger, "conditions": []})
    assert (
        listened_to(bloom, subject, MANUAL) == [] and len(matches(db.session(), bloom, rule, _period())) == 0
    )
    with pytest.raises(NotTimed):
        due_moments(db.session(), bloom, rule, _period(), _period().until)


def trigger_of(subject: str, key: str) -> dict[str, Any]:
    trigger: dict[str, Any] = {"key": key, "from": None, "to": None}
    kind = SUBJECTS[subject].triggers[key]
    if kind.segment:
        likes_us = condition("marketing_consent", "equals", "yes")
        trigger[kind.segment] = str(make_segment("Likes us", likes_us, now=NOW))
    schedules = {
        "date_reached": lambda: reached(SUBJECTS[subject].dates[0].key, "after", 1, time=None),
        "stays_in_status": lambda: stays("status", STATUS[subject], 1),
        "scheduled": lambda: every("week", weekday="friday"),
    }
    return trigger | ({"schedule": schedules[kind.schedule]()} if kind.schedule else {})


def first_told(subject: str) -> dict[str, Any]:
    field, day = SUBJECTS[subject].dates[0], NOW + 2 * DAY
    if field.key == "created_at":
        return {}
    return {field.column: day if field.type == "datetime" else day.date()}


def publish_watching(subject: str, trigger: dict[str, Any]) -> int:
    data = {"subject": subject, "trigger": trigger, "conditions": [], "actions": [email_to()]}
    with write() as session:
        home = session.query(Store).filter_by(name=STORE).one()
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        automation = drafts.create(session, home, "Watch", data, rosa, NOW)
        publish.publish(session, automation, rosa, NOW)
        return automation.id


def _fired(automation_id: int) -> list[tuple[int, int]]:
    db.session.rollback()
    rows = db.session.query(Evaluation).filter_by(automation_id=automation_id, outcome="fired")
    return [(row.occurrence_id, row.occurrence.record_id) for row in rows.order_by(Evaluation.occurrence_id)]


def _period() -> Period:
    return Period(NOW, NOW + 9 * DAY, None)
