"""Segments that time alone changes: once a night by the store's clock, each move once, whatever happens."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from automations.features.audience import nightly_segments, segment_edits
from automations.features.audience.nightly_segments import refresh_due
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.people import User
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.evaluation import segment_membership
from tests.kit import shop
from tests.kit.time import at
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)
RECENT = shop.condition("last_order_date", "within_last", "90")
LONG_AGO: dict[str, Any] = {"match": "none", "conditions": [RECENT]}
BOUGHT = shop.condition("order_count", "at_least", "1")


def make(name: str, *conditions: dict[str, Any], now: dt.datetime = NOW) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        return segment_edits.save(session, store, user, None, name, conditions, now).id


def buyers(count: int, placed: dt.datetime = NOW) -> list[int]:
    ids = [shop.place_customer(f"B-{n}", now=placed).id for n in range(count)]
    for n, id in enumerate(ids):
        shop.place_order(f"O-{n}", customer_id=id, placed_at=placed, now=placed)
    return ids


def moves() -> list[tuple[str, int, dt.datetime]]:
    db.session.rollback()
    found = db.session.query(Occurrence).filter(Occurrence.trigger.like("segment_%"))
    return [(one.trigger, one.record_id, one.at) for one in found.order_by(Occurrence.id)]


def test_a_lapsed_customer_enters_in_the_night_it_becomes_true() -> None:
    lapsed = make("Lapsed", BOUGHT, LONG_AGO)
    recent = make("Recent", RECENT)
    shop.publish_automation("Miss you", "segment_entered", subject="customer", after=str(lapsed))
    shop.publish_automation("Bye", "segment_left", subject="customer", before=str(recent))
    (id,) = buyers(1)
    assert [kind for kind, *_ in moves()] == ["segment_entered"]
    now = NOW
    while now < NOW + 95 * DAY:
        now += dt.timedelta(hours=7)
        refresh_due(now)
    found = moves()[1:]
    assert {(kind, who) for kind, who, _ in found} == {("segment_entered", id), ("segment_left", id)}
    assert len(found) == 2 and len({when for *_, when in found}) == 1
    # 91 days after the 22nd of November, in the first look after three in the morning.
    assert at("2027-02-21 03:00") <= found[0][2] < at("2027-02-21 10:00")
    last = db.session.query(Occurrence).order_by(Occurrence.id.desc()).first()
    assert last and (last.cause_kind, last.cause) == ("schedule", "the clock")
    assert db.session.query(Evaluation).filter_by(outcome="fired").count() == 2
    members = db.session.query(SegmentMember.segment_id).filter_by(customer_id=id).all()
    assert [one for (one,) in members] == [lapsed]


def test_the_refresh_runs_once_a_night_in_the_stores_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().timezone = "America/New_York"
    make("Recent", RECENT)
    looked, refresh = [], nightly_segments._refresh

    def watched(store_id: int, now: dt.datetime, go_on: Any) -> int:
        looked.append(now)
        return refresh(store_id, now, go_on)

    monkeypatch.setattr(nightly_segments, "_refresh", watched)
    for minutes in range(0, 72 * 60, 20):
        refresh_due(NOW + dt.timedelta(minutes=minutes))
    # Three in the morning in New York is eight in UTC.
    assert looked == [at(f"2026-11-{day} 08:00") for day in (23, 24, 25)]


def test_missed_nights_are_made_up_for_once() -> None:
    make("Recent", RECENT)
    ids = buyers(3)
    assert len(moves()) == 3
    assert refresh_due(NOW + 120 * DAY) == 3
    assert refresh_due(NOW + 120 * DAY) == 0
    assert [(kind, who) for kind, who, _ in moves()[3:]] == [("segment_left", id) for id in ids]


def test_a_refresh_killed_half_way_loses_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_membership, "PAGE", 2)
    make("Recent", RECENT)
    ids = buyers(7)
    later, occur, left = NOW + 120 * DAY, segment_membership._write_occurrences, [2]

    def failing(*given: Any) -> None:
        occur(*given)
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("The power went.")

    monkeypatch.setattr(segment_membership, "_write_occurrences", failing)
    assert refresh_due(later) == 0
    some = len(moves()) - 7
    assert 0 < some < 7
    monkeypatch.setattr(segment_membership, "_write_occurrences", occur)
    assert refresh_due(later) == 7 - some
    assert sorted(who for kind, who, _ in moves() if kind == "segment_left") == ids
    assert refresh_due(later) == 0


def test_segments_that_time_cannot_change_are_left_alone() -> None:
    id = make("Best", shop.condition("tags", "contains", "vip"))
    with write() as session:
        # Written without `receive`: a refresh would find the customer.
        session.query(Customer).filter_by(number="C-1").one().tags = ["vip"]
    assert refresh_due(NOW + DAY) == 0
    db.session.rollback()
    assert db.session.get_one(Segment, id).refreshed_on == dt.date(2026, 11, 23)
    assert moves() == []
