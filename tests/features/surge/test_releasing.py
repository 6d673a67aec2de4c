"""Managers are told of a hold and decide: all, the first ten, or none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from flask import Flask

from automations.engine.surge.usual import Usual
from automations.features.authoring import archiving
from automations.features.surge import releasing, telling, usual_past, waiting
from automations.features.surge.past_instants import PastInstants
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.automation import Automation
from automations.models.tables.notification import Notification
from automations.models.tables.people import Audit, User
from automations.models.tables.run import CANCELLED, HELD, QUEUED, SUCCEEDED, WAITING, Message, Run
from automations.models.tables.surge_hold import SurgeHold, UsualPace
from automations.pipeline.runs.run_decisions import AlreadyDecided
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.steps import WORKFLOW, perform_runs, record_outcomes
from tests.kit.surging import FREE, hold, import_orders, relay_all, states, usually
from tests.world import NOW

HOUR = dt.timedelta(hours=1)
LEFT = 60 - FREE


@pytest.fixture
def thanks(app: Flask) -> int:
    """An automation that is held: sixty orders came at once."""
    id = shop.publish_automation("Thanks", "created", shop.condition("total", "at_least", "5"))
    usually(id)
    import_orders(60, total=Decimal(10))
    relay_all()
    return id


def release(up_to: int, first: int | None = None) -> int:
    open_hold = hold()
    with write() as session:
        asked = session.get_one(SurgeHold, open_hold.id)
        return releasing.release(session, asked, _rosa(), NOW + HOUR, up_to, first)


def drop(up_to: int) -> int:
    open_hold = hold()
    with write() as session:
        return releasing.drop(session, session.get_one(SurgeHold, open_hold.id), _rosa(), NOW + HOUR, up_to)


def last() -> int:
    return waiting.held_firings(db.session(), hold()).last_id


def _rosa() -> User:
    return db.session.query(User).filter_by(email="rosa@bloom.example").one()


def test_the_managers_are_told_once_with_what_is_usual(thanks: int) -> None:
    assert run_in_write(lambda session: telling.tell_new(session, NOW)) == 1
    assert run_in_write(lambda session: telling.tell_new(session, NOW)) == 0
    notices = db.session.query(Notification).all()
    assert {(one.title, one.path) for one in notices} == {("“Thanks” is held", f"/automations/{thanks}/hold")}
    assert {one.body for one in notices} == {
        "60 fired, more than 25 in a minute; usually 2 a day. "
        "The others wait. Release them, or none of them, on its page."
    }
    assert {db.session.get_one(User, one.user_id).name for one in notices} == {"Ada Quill", "Rosa Lind"}


def test_the_first_ten_go_in_their_order_and_the_others_wait_on(thanks: int) -> None:
    assert release(last(), 10) == 10
    assert relay_all(NOW + HOUR) == [run.id for run in shop.runs()][FREE : FREE + 10]
    assert states() == {QUEUED: FREE + 10, HELD: LEFT - 10}
    import_orders(1, begin=100, total=Decimal(10), now=NOW + HOUR)
    assert relay_all(NOW + HOUR) == [] and states()[HELD] == LEFT - 9


def test_all_go_once_and_what_fires_after_that_is_counted_anew(thanks: int) -> None:
    before = set(relay_all())
    assert release(last()) == LEFT
    assert db.session.query(SurgeHold).filter_by(ended_at=None).count() == 0
    gone = relay_all(NOW + HOUR)
    assert len(gone) == len(set(gone)) == LEFT and not before & set(gone)
    assert db.session.query(UsualPace).count() == 0
    usually(thanks)
    import_orders(10, begin=200, total=Decimal(10), now=NOW + HOUR)
    assert len(relay_all(NOW + HOUR)) == 10


def test_what_was_not_seen_is_not_decided_about(thanks: int) -> None:
    seen = last()
    import_orders(5, begin=300, total=Decimal(10), now=NOW + HOUR)
    relay_all(NOW + HOUR)
    assert drop(seen) == LEFT
    assert states() == {QUEUED: FREE, CANCELLED: LEFT, HELD: 5}
    assert hold().ended_at is None and drop(last()) == 5


def test_none_go_with_the_reason_and_the_next_order_is_not_held_for_them(thanks: int) -> None:
    assert drop(last()) == LEFT
    reasons = {run.reason for run in db.session.query(Run).filter_by(state=CANCELLED)}
    assert reasons == {
        "Cancelled: its automation fired far more than usual, and Rosa Lind released none of it."
    }
    import_orders(1, begin=400, total=Decimal(10), now=NOW + HOUR)
    assert len(relay_all(NOW + HOUR)) == 1


def test_each_decision_is_audited_and_the_second_is_too_late(thanks: int) -> None:
    up_to = last()
    release(up_to, 10)
    drop(up_to)
    rows = db.session.query(Audit).order_by(Audit.id).all()[-2:]
    assert [row.action for row in rows] == ["released", "released none of"]
    assert rows[0].after == {"firings": 10, "which": "the first"} and rows[1].after == {"firings": LEFT - 10}
    ended = db.session.query(SurgeHold).one()
    with pytest.raises(AlreadyDecided), write() as session:
        releasing.release(session, session.get_one(SurgeHold, ended.id), _rosa(), NOW, up_to)


def test_what_is_released_is_looked_at_again(thanks: int) -> None:
    shop.place_order(f"I-{FREE}", total=Decimal(1), now=NOW + HOUR)
    release(last(), 2)
    perform_all(NOW + HOUR)
    changed, kept = [run for run in shop.runs() if run.held_at and run.state != HELD]
    assert changed.state == CANCELLED and "its conditions no longer held" in (changed.reason or "")
    assert kept.state == SUCCEEDED


def test_archiving_cancels_what_is_held_and_switching_off_keeps_it(thanks: int) -> None:
    shop.switch_off(thanks)
    relay_all(NOW + HOUR)
    assert states()[HELD] == LEFT
    with write() as session:
        automation = session.get_one(Automation, thanks)
        assert archiving.waiting(session, automation) == LEFT
        archiving.archive(session, automation, _rosa(), NOW)
    assert states()[CANCELLED] == LEFT


def test_messages_of_a_hold_leave_exactly_once(app: Flask, thanks: int) -> None:
    queued = [run.id for run in shop.runs() if run.state == QUEUED]
    for id in queued:
        shop.set_run(id, workflow_id=WORKFLOW)
    record_outcomes(perform_runs(app, queued))
    release(last(), 10)
    perform_all(NOW + HOUR)
    drop(last())
    assert states() == {SUCCEEDED: FREE + 10, CANCELLED: LEFT - 10}
    sent = [message.run_id for message in db.session.query(Message)]
    assert len(sent) == len(set(sent)) == FREE + 10 and WAITING not in states()


def test_the_past_is_worked_out_after_publishing_and_once_a_day(app: Flask) -> None:
    for day in range(40):
        for place in range(3):
            shop.place_order(
                f"{day}-{place}", now=NOW + dt.timedelta(days=day, hours=place), total=Decimal(50)
            )
    later = NOW + dt.timedelta(days=40)
    id = shop.publish_automation("Thanks", "created", shop.condition("total", "at_least", "40"), now=later)
    assert usual_past.refresh_due(later) == 1 and usual_past.refresh_due(later + HOUR) == 0
    past = PastInstants(db.session(), later, [id])
    usual = usual_past.usual_for(past, db.session.get_one(Automation, id))
    assert usual.is_known and 2.9 <= usual.per_day <= 3.1 and usual.share == 1.0
    assert sorted(usual.busiest.values()) == [1, 1, 1, 3]
    assert usual_past.refresh_due(later + dt.timedelta(days=2)) == 1


def test_pasts_asked_together_are_those_of_each_alone_and_a_broken_one_keeps_nobody_from_theirs(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    dear, days = shop.condition("total", "at_least", "40"), dt.timedelta(days=1)
    first = shop.publish_automation("Dear", "created", dear, now=NOW)
    for day in range(30):
        shop.place_order(f"{day}", now=NOW + day * days, total=Decimal(50 if day % 3 else 10))
    later = NOW + 31 * days
    ids = [first, *(shop.publish_automation(name, "created", now=later) for name in ("All", "Broken"))]
    alone = {}
    for id in ids:
        past = PastInstants(db.session(), later, [id])
        alone[id] = usual_past.usual_for(past, db.session.get_one(Automation, id)).to_data()
    assert [figures["busiest"]["86400"] for figures in alone.values()] == [1, 1, 1]
    assert alone[ids[0]]["per_day"] < alone[ids[1]]["per_day"]

    def asked(past: PastInstants, automation: Automation) -> Usual:
        if automation.name == "Broken":
            raise ValueError("Its past cannot be asked.")
        return usual_for(past, automation)

    usual_for = usual_past.usual_for
    monkeypatch.setattr(usual_past, "usual_for", asked)
    assert usual_past.refresh_due(later) == 2
    kept = {pace.automation_id: pace.figures for pace in db.session.query(UsualPace)}
    assert kept == {id: alone[id] for id in ids[:2]}
