"""Customers enter and leave segments as they and their orders change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from automations.features.audience import segment_edits
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.people import User
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.kit.time import timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
VIP = shop.condition("tags", "contains", "vip")


def make(name: str, *conditions: dict[str, Any]) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        return segment_edits.save(session, store, user, None, name, conditions, NOW).id


def moves() -> list[tuple[str, str | None, str | None]]:
    query = db.session.query(Occurrence).filter(Occurrence.trigger.like("segment_%"))
    return [
        (occurrence.trigger, occurrence.from_value, occurrence.to_value)
        for occurrence in query.order_by(Occurrence.id)
    ]


def members() -> dict[int, set[int]]:
    """Return segment -> the ids of its members."""
    db.session.rollback()
    rows = db.session.query(SegmentMember.segment_id, SegmentMember.customer_id).all()
    return {segment: {id for other, id in rows if other == segment} for segment, _ in rows}


def test_initial_members_belong_without_entering() -> None:
    shop.place_customer("C-9", tags=["vip"])
    id = make("Best", VIP)
    assert db.session.query(SegmentMember).filter_by(segment_id=id).count() == 1
    assert moves() == []


def test_a_customer_change_enters_and_leaves_segments() -> None:
    id = make("Best", VIP)
    shop.publish_automation("Welcome", "segment_entered", subject="customer", after=str(id))
    shop.publish_automation("Miss you", "segment_left", subject="customer", before=str(id))
    shop.place_customer("C-9", email="mia@example.com")
    shop.place_customer("C-9", tags=["vip"])
    shop.place_customer("C-9", note="likes peonies")
    assert moves() == [("segment_entered", None, str(id))]
    shop.place_customer("C-9", tags=[])
    assert moves()[1:] == [("segment_left", str(id), None)]
    assert db.session.query(Evaluation).filter_by(outcome="fired").count() == 2


def test_leaving_one_segment_keeps_the_others_and_leaves_other_customers_alone() -> None:
    best, local = make("Best", VIP), make("Local", shop.condition("tags", "contains", "local"))
    mia, tom = (shop.place_customer(number, tags=["vip", "local"]).id for number in ("C-9", "C-10"))
    assert members() == {best: {mia, tom}, local: {mia, tom}}
    shop.place_customer("C-9", tags=["local"])
    assert members() == {best: {tom}, local: {mia, tom}}
    assert moves()[4:] == [("segment_left", str(best), None)]
    shop.place_customer("C-9", note="likes peonies")
    assert members() == {best: {tom}, local: {mia, tom}} and len(moves()) == 5


def test_a_field_of_the_store_itself_moves_customers_in_and_out() -> None:
    key = own_field("Club", "choice", subject="customer", choices="Gold\nSilver")
    gold = make("Gold members", shop.condition(key, "equals", "gold"))
    mia = shop.place_customer("C-9", custom={"club": "gold"}).id
    assert members() == {gold: {mia}}
    shop.place_customer("C-9", custom={"club": "silver"})
    assert members() == {}


def test_an_order_moves_its_customer_in_and_its_loss_moves_them_out() -> None:
    id = make("Buyers", shop.condition("total_spent", "at_least", "50.00"))
    anna = db.session.query(Customer).filter_by(number="C-1").one().id
    shop.place_order(customer_id=anna, amount_paid=Decimal("20.00"))
    assert moves() == []
    shop.place_order("10483", customer_id=anna, amount_paid=Decimal("30.00"))
    assert moves() == [("segment_entered", None, str(id))]
    shop.place_order("10483", customer_id=None)
    assert moves()[1:] == [("segment_left", str(id), None)]


def test_a_segment_that_needs_an_occurrence_is_refused() -> None:
    with pytest.raises(segment_edits.SegmentEditRefused, match="can’t depend on the time of day"):
        make("Morning", shop.condition("now.weekday", "equals", "monday"))
    with pytest.raises(segment_edits.SegmentEditRefused, match="Give the segment a name"):
        make(" ", VIP)


def test_a_segment_used_by_a_schedule_is_not_removed() -> None:
    id = make("Best", VIP)
    weekly = {"every": "day", "weekday": None, "day": None, "time": "08:00", "segment": str(id)}
    timed("Weekly", "scheduled", weekly, subject="customer")
    with pytest.raises(segment_edits.SegmentEditRefused, match="used by “Weekly”"):
        remove(id)


def test_a_segment_in_use_is_not_removed() -> None:
    id = make("Best", VIP)
    shop.publish_automation("Welcome", "segment_entered", subject="customer", after=str(id))
    with pytest.raises(segment_edits.SegmentEditRefused, match="used by “Welcome”"):
        remove(id)


def remove(id: int) -> None:
    with write() as session:
        segment = session.get_one(Segment, id)
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        segment_edits.remove(session, session.get_one(Store, segment.store_id), user, segment)
