"""The list of automations: found by name or sentence, with their fires counted for the page as a whole."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from automations.features.authoring import automation_listing, drafts
from automations.features.authoring.publish import publish
from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db, write
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change
from tests.world import NOW

TILL = Cause("api", "till")


def made(store: Store, user: User, *keys: str, live: bool = True) -> list[int]:
    with write() as session:
        rows = [drafts.create(session, store, key, STARTERS[key].data, user, NOW) for key in keys]
        for row in rows if live else ():
            publish(session, row, user, NOW)
        return [row.id for row in rows]


def placed(store: Store, number: str, at: dt.datetime) -> None:
    with write() as session:
        receive(session, store, "order", [Change(number, {"order_type": "funeral"})], TILL, at)


def test_all_are_found_in_their_order(bloom: Store, rosa: User) -> None:
    ids = made(bloom, rosa, "thank_for_order", "funeral_orders", "wedding_events", live=False)
    assert automation_listing.matching_ids(db.session(), bloom) == ids


def test_automations_are_found_by_name_sentence_and_subject(bloom: Store, rosa: User) -> None:
    thanks, funeral, wedding = made(
        bloom, rosa, "thank_for_order", "funeral_orders", "wedding_events", live=False
    )
    assert automation_listing.matching_ids(db.session(), bloom, "THANK_for") == [thanks]
    assert automation_listing.matching_ids(db.session(), bloom, "order type is funeral") == [funeral]
    assert automation_listing.matching_ids(db.session(), bloom, subject="event") == [wedding]
    assert automation_listing.matching_ids(db.session(), bloom, "email", "event") == [wedding]
    assert automation_listing.matching_ids(db.session(), bloom, "funeral  TYPE order") == [funeral]
    assert automation_listing.matching_ids(db.session(), bloom, "zebra") == []
    assert automation_listing.matching_ids(db.session(), bloom, "funeral zebra") == []


def test_fires_are_counted_by_day_for_thirty_days(bloom: Store, rosa: User) -> None:
    (id,) = made(bloom, rosa, "funeral_orders")
    for place, days in enumerate((0, 0, 3, 29, 31)):
        placed(bloom, f"F-{place}", NOW - dt.timedelta(days=days))
    (row,) = automation_listing.rows_of(db.session(), bloom, [id], NOW)
    assert (len(row.days), row.fires) == (30, 4)
    assert [row.days[place]["waiting"] for place in (29, 26, 0)] == [2, 1, 1]
    assert row.last_fired == NOW


def test_a_day_is_one_of_the_store(bloom: Store, rosa: User) -> None:
    (id,) = made(bloom, rosa, "funeral_orders")
    placed(bloom, "F-1", NOW - dt.timedelta(hours=12))
    with write() as session:
        session.get_one(Store, bloom.id).timezone = "Pacific/Auckland"
    db.session.expire_all()
    (row,) = automation_listing.rows_of(db.session(), bloom, [id], NOW)
    assert [sum(day.values()) for day in row.days[-2:]] == [0, 1]


def test_an_automation_that_never_fired_says_so(bloom: Store, rosa: User) -> None:
    (id,) = made(bloom, rosa, "wedding_events")
    (row,) = automation_listing.rows_of(db.session(), bloom, [id], NOW)
    assert row.fires == 0 and row.last_fired is None


def test_a_page_takes_a_constant_number_of_queries(bloom: Store, rosa: User) -> None:
    keys = list(STARTERS)
    ids = made(bloom, rosa, *keys, live=False)
    assert queries_of(bloom, ids[:1]) == queries_of(bloom, ids)


def queries_of(store: Store, ids: list[int]) -> int:
    db.session.expire_all()
    assert store.id
    statements: list[str] = []

    def count(*given: object) -> None:
        statements.append(str(given[2]))

    sa.event.listen(db.engine, "before_cursor_execute", count)
    try:
        for row in automation_listing.rows_of(db.session(), store, ids, NOW):
            assert row.automation.latest_version is None
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)
