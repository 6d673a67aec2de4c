"""The worker's look at expectations: each broken one counts and is told once, whatever happens meanwhile."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from flask import Flask

from automations.features.expectations import expectation_edits, looking_after
from automations.features.expectations.follow import Follow
from automations.features.expectations.looking_after import GRACE, IN_A_ROW, look_after_all
from automations.features.expectations.past_judgement import judged_past
from automations.features.privacy import erasure
from automations.models.access.audit import Audit
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from automations.models.tables.store import Choice, Store
from tests.kit.doing import perform_all
from tests.kit.expecting import DAY, MINUTE, RULE, confirming, expect_one, pay, pay_and_send, the_expectation
from tests.kit.shop import place_order
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
HOUR = dt.timedelta(hours=1)


def bells() -> list[tuple[str, str, bool]]:
    """Return (person, text, unread) of every notice."""
    db.session.rollback()
    rows = db.session.query(Notification).order_by(Notification.id).all()
    return [(db.session.get_one(User, row.user_id).name, row.body, row.read_at is None) for row in rows]


def test_the_managers_are_told_once_and_the_count_grows_in_the_same_notice(app: Flask) -> None:
    id = expect_one(NOW)
    pay("1", NOW + MINUTE)
    assert look_after_all(NOW + 11 * MINUTE) == 0 and bells() == []
    assert look_after_all(NOW + 13 * MINUTE) == 1 and look_after_all(NOW + 20 * MINUTE) == 0
    told = "Broken once since someone last dealt with it. The newest: #1."
    assert bells() == [("Ada Quill", told, True), ("Rosa Lind", told, True)]
    pay("2", NOW + 30 * MINUTE)
    pay("3", NOW + 31 * MINUTE)
    assert look_after_all(NOW + HOUR) == 2
    told = "Broken 3 times since someone last dealt with it. The newest: #3, #2."
    assert bells() == [("Ada Quill", told, True), ("Rosa Lind", told, True)]
    assert (the_expectation(id).broken, the_expectation(id).kept) == (3, 0)


def test_seeing_to_it_settles_the_notice_and_the_next_one_is_told_anew(bloom: Store, rosa: User) -> None:
    id = expect_one(NOW)
    pay("1", NOW + MINUTE)
    look_after_all(NOW + HOUR)
    with write() as session:
        assert expectation_edits.see(session, bloom, rosa, the_expectation(id), NOW + HOUR) == 1
    assert [unread for *_, unread in bells()] == [False, False] and the_expectation(id).broken == 0
    look_after_all(NOW + 2 * HOUR)
    assert len(bells()) == 2
    pay("2", NOW + 2 * HOUR)
    look_after_all(NOW + 3 * HOUR)
    assert [unread for *_, unread in bells()] == [False, False, True, True]
    assert db.session.query(Audit).filter(Audit.action == "saw what broke").count() == 1


def test_it_is_kept_again_after_ten_in_a_row_and_a_day(app: Flask) -> None:
    id = expect_one(NOW)
    pay("0", NOW + MINUTE)
    confirming(now=NOW + 2 * MINUTE)
    for place in range(IN_A_ROW):
        pay_and_send(f"1{place}", NOW + (place + 3) * MINUTE)
    look_after_all(NOW + HOUR)
    assert the_expectation(id).broken == 1 and all(unread for *_, unread in bells())
    pay_and_send("2", NOW + DAY + 2 * MINUTE)
    look_after_all(NOW + DAY + HOUR)
    assert (the_expectation(id).broken, the_expectation(id).kept) == (0, IN_A_ROW + 1)
    assert [unread for *_, unread in bells()] == [False, False]


def test_whatever_the_worker_missed_is_counted_and_nothing_twice(bloom: Store) -> None:
    rng = Random(7)
    confirming()
    id, now = expect_one(NOW), NOW
    counted = 0
    for place in range(40):
        now += dt.timedelta(seconds=rng.choice((20, 200, 4000, 40_000)))
        (pay_and_send if rng.random() < 0.6 else pay)(str(place), now)
        if rng.random() < 0.4:
            now += dt.timedelta(seconds=rng.randrange(3000))
            counted += look_after_all(now)
            # Late ones must not be made good by what leaves long after.
            perform_all(now + 2 * HOUR)
    end = now + 3 * DAY
    counted += look_after_all(end)
    found = judged_past(db.session(), bloom, RULE, Follow.of(the_expectation(id).follow), end)
    assert counted == len(found.broken) == the_expectation(id).broken > 5
    assert the_expectation(id).kept == found.kept > 5 and found.not_over == 0


def test_a_look_that_another_worker_was_faster_with_changes_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = expect_one(NOW)
    pay("1", NOW + MINUTE)
    mine = looking_after._look(db.session(), id, NOW + HOUR)
    db.session.rollback()
    assert mine is not None and look_after_all(NOW + HOUR) == 1
    with write() as session:
        assert looking_after._write(session, mine, NOW + HOUR) == 0
    assert the_expectation(id).broken == 1 and len(bells()) == 2


def test_a_worker_that_dies_before_it_wrote_looks_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    id = expect_one(NOW)
    pay("1", NOW + MINUTE)
    with monkeypatch.context() as dying:
        dying.setattr(looking_after.notices, "tell", _die)
        assert look_after_all(NOW + HOUR) == 0
    assert the_expectation(id).broken == 0 and the_expectation(id).looked_to == NOW
    assert look_after_all(NOW + HOUR) == 1 and len(bells()) == 2


def _die(*_: object) -> None:
    raise RuntimeError("the worker is killed here")


def test_what_happened_before_it_was_saved_is_not_told(app: Flask) -> None:
    pay("1", NOW - HOUR)
    expect_one(NOW)
    assert look_after_all(NOW + HOUR) == 0


def test_orders_of_an_erased_customer_break_nothing(bloom: Store) -> None:
    expect_one(NOW)
    pay("1", NOW + MINUTE)
    with write() as session:
        erasure.erase(session, bloom, session.get_one(Customer, 1), NOW + 2 * MINUTE)
    assert look_after_all(NOW + HOUR) == 0


def test_one_that_cannot_be_judged_waits_and_catches_up(bloom: Store) -> None:
    rule = RULE | {"trigger": {"key": "status_changed", "from": None, "to": "picked"}, "conditions": []}
    id = expect_one(NOW, rule=rule)
    place_order("1", now=NOW)
    place_order("1", now=NOW + MINUTE, status="picked")
    with write() as session:
        session.query(Choice).filter_by(store_id=bloom.id, key="picked").delete()
    assert look_after_all(NOW + HOUR) == 0 and the_expectation(id).looked_to == NOW
    with write() as session:
        again = {"list_key": "order_status", "key": "picked", "label": "Picked"}
        session.add(Choice(store_id=bloom.id, former_labels=[], **again))
    assert look_after_all(NOW + HOUR) == 1


def test_how_far_it_looked_is_written_seldom_while_nothing_happens(app: Flask) -> None:
    id = expect_one(NOW)
    look_after_all(NOW + 30 * MINUTE)
    assert the_expectation(id).looked_to == NOW
    look_after_all(NOW + 2 * HOUR)
    assert the_expectation(id).looked_to == NOW + 2 * HOUR - GRACE - 10 * MINUTE
