"""A merge and its undo give back what was, also where something was changed in between."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.features.merging import customer_merging, parting
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from tests.kit.shop import place_customer, place_event, place_order
from tests.world import NOW

LATER = NOW + dt.timedelta(days=3)
_names = st.sampled_from(["", "Ida", "Käthe"])
_tags = st.lists(st.sampled_from(["VIP", "vip", "Club", "Post"]), max_size=3, unique_by=str.casefold)
_values = st.fixed_dictionaries(
    {
        "first_name": _names,
        "last_name": _names,
        "email": st.sampled_from(["", "a@b.example", "c@d.example"]),
        "phone": st.sampled_from(["", "020 7946 0958", "+44 20 7946 0123", "12"]),
        "note": st.sampled_from(["", "Rings twice", "Allergic to lilies"]),
        "tags": _tags,
        "marketing_consent": st.booleans(),
        "custom": st.sampled_from([None, {"ribbon": "red"}, {"ribbon": None, "card": "white"}]),
    }
)
_edits = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.just("Zoë"),
        "email": st.just("new@z.example"),
        "note": st.just("Moved"),
        "marketing_consent": st.booleans(),
    },
)
_counter = count(1)


def _row(number: str) -> dict[str, Any]:
    table = Customer.metadata.tables["customer"]
    row = db.session.execute(sa.select(table).where(table.c.number == number)).mappings().one()
    db.session.rollback()
    return dict(row)


def _owners() -> dict[str, int | None]:
    owners = dict(db.session.execute(sa.select(Order.number, Order.customer_id)).all())
    db.session.rollback()
    return owners


def _members() -> set[tuple[int, int, dt.datetime]]:
    columns = (SegmentMember.segment_id, SegmentMember.customer_id, SegmentMember.since)
    members = {
        (segment, customer, since) for segment, customer, since in db.session.execute(sa.select(*columns))
    }
    db.session.rollback()
    return members


def _without_revision(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("revision", "updated_at")}


def merge_two(stays: str, goes: str) -> int:
    ids = [_row(number)["id"] for number in (stays, goes)]
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(name="Rosa Lind").one()
        return customer_merging.merge(session, store, *ids, user.id, NOW).id


def _part(merge_id: int) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(name="Rosa Lind").one()
        parting.part(session, store, merge_id, user.id, LATER)


def _two(stays: dict[str, Any], goes: dict[str, Any]) -> tuple[str, str]:
    """Place two customers with an order and an event each, and make both members of a segment."""
    place = next(_counter)
    numbers = f"P-{place}", f"Q-{place}"
    for number, values in zip(numbers, (stays, goes), strict=True):
        id = place_customer(number, now=NOW - dt.timedelta(days=place % 3), **values).id
        place_order(f"{number}-1", customer_id=id)
        place_event(f"{number}-E", customer_id=id)
    return numbers


@given(stays=_values, goes=_values)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_left_of_a_merge_that_was_undone(app: Flask, stays: Any, goes: Any) -> None:
    with app.app_context():
        first, second = _two(stays, goes)
        before = _row(first), _row(second), _owners(), _members()
        merge_id = merge_two(first, second)
        assert _owners()[f"{second}-1"] == before[0]["id"]
        assert not db.session.query(Customer).filter_by(number=second).count()
        consent = stays["marketing_consent"] and goes["marketing_consent"]
        assert _row(first)["marketing_consent"] is consent
        _part(merge_id)
        assert _without_revision(_row(first)) == _without_revision(before[0])
        assert _row(second) == before[1]
        assert (_owners(), _members()) == before[2:]


@given(stays=_values, goes=_values, edits=_edits, tag=st.sampled_from(["", "Club", "New"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_changed_in_between_stays(app: Flask, stays: Any, goes: Any, edits: Any, tag: str) -> None:
    with app.app_context():
        first, second = _two(stays, goes)
        before, other = _row(first), _row(second)
        merge_id = merge_two(first, second)
        merged = _row(first)
        changed = {name: value for name, value in edits.items() if value != merged[name]}
        tags = (
            [*merged["tags"], tag]
            if tag and tag.casefold() not in map(str.casefold, merged["tags"])
            else None
        )
        if changed or tags:
            place_customer(first, now=LATER, **changed, **({"tags": tags} if tags else {}))
        place_order(f"{first}-2", customer_id=before["id"])
        place_order(f"{second}-1", customer_id=None)
        _part(merge_id)
        now = _row(first)
        expected = before | changed | ({"tags": [*before["tags"], tag]} if tags else {})
        for name in (
            "first_name",
            "last_name",
            "email",
            "phone",
            "note",
            "tags",
            "custom",
            "marketing_consent",
        ):
            assert now[name] == expected[name], name
        # Who took a consent back while the two were one, took back both.
        withdrawn = merged["marketing_consent"] and changed.get("marketing_consent") is False
        answer = ("marketing_consent", "marketing_consent_since")
        assert _row(second) == other | ({name: now[name] for name in answer} if withdrawn else {})
        owners = _owners()
        assert owners[f"{first}-2"] == before["id"]
        assert owners[f"{second}-1"] is None


def test_segments_are_as_before(app: Flask) -> None:
    with app.app_context():
        first, second = _two({"first_name": "Ida"}, {"first_name": "Ida"})
        ids = [_row(number)["id"] for number in (first, second)]
        with write() as session:
            store = session.query(Store).filter_by(name="Bloom & Wild St").one()
            conditions = [{"field": "first_name", "operator": "equals", "value": "Ida"}]
            segment = Segment(
                store_id=store.id, name="Ida", conditions=conditions, created_at=NOW, updated_at=NOW
            )
            session.add(segment)
            session.flush()
            for id in ids:
                session.add(SegmentMember(segment_id=segment.id, customer_id=id, since=NOW))
        before = _members()
        merge_id = merge_two(first, second)
        assert {customer for _, customer, _ in _members()} == {ids[0]}
        _part(merge_id)
        assert _members() == before
