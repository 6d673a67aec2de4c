"""Whatever set an automation off, its entry can be judged again by version and draft, with both messages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.features.authoring import archiving
from automations.features.replay.replay import OTHER_TIMES, Replay, ReplayChoice, replay
from automations.features.scheduling import manual_run, scan
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import MANUAL, Evaluation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.features.past import test_every_trigger as every_trigger
from tests.features.past.test_every_trigger import KINDS, NUMBER, STORE, TOLD
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.past_time import stays
from tests.kit.time import timed
from tests.web.pages import sign_in, text_of
from tests.world import NOW

DAY = dt.timedelta(days=1)
PAID = shop.condition("payment_status", "equals", "paid")


def again(evaluation: Evaluation, **asked: Any) -> Replay:
    store = db.session.get_one(Store, evaluation.store_id)
    automation = db.session.get_one(Automation, evaluation.automation_id)
    words, choice = StoreWords(db.session(), store), ReplayChoice(**asked)
    return replay(db.session(), store, words, automation, evaluation.occurrence, choice, NOW + 9 * DAY)


def only(automation_id: int, outcome: str = "fired") -> Evaluation:
    db.session.rollback()
    rows = db.session.query(Evaluation).filter_by(automation_id=automation_id, outcome=outcome)
    return rows.order_by(Evaluation.id.desc()).all()[0]


@pytest.mark.parametrize(("subject", "key"), [kind for kind in KINDS if kind[1] != MANUAL])
def test_what_fired_fires_again_and_the_draft_says_its_message(
    app: Flask, bloom: Store, subject: str, key: str
) -> None:
    trigger = every_trigger.trigger_of(subject, key)
    id = every_trigger.publish_watching(subject, trigger)
    with write() as session:
        automation = session.get_one(Automation, id)
        message = shop.email_to("manager", message="Now in other words.")
        automation.draft = automation.draft | {"actions": [message]}
    shop.change(STORE, subject, NUMBER, now=NOW + DAY, **every_trigger.first_told(subject))
    shop.change(STORE, subject, NUMBER, now=NOW + 2 * DAY, **TOLD[key](subject))
    if key == "segment_left":
        shop.change(STORE, subject, NUMBER, now=NOW + 3 * DAY, marketing_consent=False)
    for day in range(1, 9):
        scan.scan(NOW + day * DAY)
    found = again(only(id))
    assert found.left.stored and (found.left.judged.fires, found.right.judged.fires) == (True, True)
    assert (found.left.known.key, found.right.known.key) == ("v1", "draft")
    (action,) = found.actions
    assert action.cells[0].run is not None
    assert [message.body for message in action.cells[1].messages] == ["Now in other words."]


def test_what_ran_by_hand_is_judged_again(app: Flask, bloom: Store, rosa: User) -> None:
    id = shop.publish_automation("By hand", MANUAL, PAID)
    order = shop.place_order("1", payment_status="paid", customer_id=1)
    with write() as session:
        version = session.get_one(Automation, id).active_version
        assert version is not None
        manual_run.run(session, bloom, version, [order.id], rosa, NOW)
    found = again(only(id), right="draft")
    assert (found.left.judged.fires, found.right.judged.fires) == (True, True) and found.rows


def test_other_times_of_a_time_trigger_are_not_judged(app: Flask, bloom: Store) -> None:
    id = timed("Remind", "stays_in_status", stays("status", "confirmed", 1))
    shop.place_order("1", status="confirmed", customer_id=1)
    scan.scan(NOW + 2 * DAY)
    with write() as session:
        automation = session.get_one(Automation, id)
        waits = {"key": "stays_in_status", "schedule": stays("status", "confirmed", 3)}
        automation.draft = automation.draft | {"trigger": waits}
    found = again(only(id))
    assert (found.right.judged.fires, found.right.judged.problem) == (None, OTHER_TIMES)
    assert found.right.badge.word == "Can’t be judged"


def test_a_cap_and_an_error_of_that_time_are_said(app: Flask, bloom: Store, client: FlaskClient) -> None:
    id = shop.publish_automation("Big", "created", shop.condition("total", "greater_than", "40"))
    shop.place_order("1", total=Decimal("50.00"), customer_id=1)
    perform_all()
    with write() as session:
        session.query(Evaluation).filter_by(automation_id=id).update({"outcome": "capped"})
    found = again(only(id, "capped"))
    assert found.left.badge.word == "Over its cap"
    assert found.held_then == "Then its conditions held, but it was over its cap."
    page = sign_in(client, "rosa").get(f"/orders/1/replays/{only(id, 'capped').occurrence_id}/{id}")
    noted = (
        "Trigger and conditions are judged again; caps, holds, loops and the order of automations are not."
    )
    assert f"{found.held_then} {noted}" in text_of(page)
    with write() as session:
        row = session.query(Evaluation).filter_by(automation_id=id).one()
        row.outcome, row.error = "error", "Total holds “x”, which is not a number."
    broken = again(only(id, "error"), right="draft")
    assert (broken.left.judged.fires, broken.right.judged.fires) == (None, True)
    assert "which is not a number" in str(broken.why)


def test_an_archived_automation_is_still_judged(
    app: Flask, bloom: Store, rosa: User, client: FlaskClient
) -> None:
    id = shop.publish_automation("Old", "created")
    shop.place_order("1", customer_id=1)
    with write() as session:
        archiving.archive(session, session.get_one(Automation, id), rosa, NOW)
    page = sign_in(client, "rosa").get(f"/orders/1/replays/{only(id).occurrence_id}/{id}")
    assert page.status_code == 200 and "By version 1 of that time" in text_of(page)
