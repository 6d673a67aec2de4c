"""Rows written in bulk are as they were given, however many there are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.models.db import bulk_write
from automations.models.db.base import db, write
from automations.models.db.fast_select import Row
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import KINDS
from tests.world import NOW

TABLE = KINDS["order"].table
#: What a stream of rows could mistake for its own marks, and whatever else a text may hold.
TEXTS = st.sampled_from(["", "\\N", "\\.", "\t", "a\nb\r\nc", "\\", '"', "é\u2028😀"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "note": TEXTS,
            "tags": st.lists(TEXTS, max_size=3),
            "custom": st.none() | st.dictionaries(TEXTS, TEXTS, max_size=2),
            "total": st.decimals("-1000", "1000", places=2),
            "total_given": st.booleans(),
            "delivery_date": st.none() | st.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30)),
            "delivery_status_since": st.none() | st.datetimes(timezones=st.just(dt.UTC)),
        }
    ),
    min_size=1,
    max_size=2 * bulk_write.COPIED,
)


class _Undone(Exception):
    pass


def orders(store: Store, words: StoreWords, drawn: list[Row]) -> list[Row]:
    start = {**KINDS["order"].defaults(store, words, NOW), "store_id": store.id, "revision": 1}
    start |= {"created_at": NOW, "updated_at": NOW}
    return [start | row | {"id": place, "number": f"N{place}"} for place, row in enumerate(drawn, 1)]


@settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
@given(drawn=ROWS)
def test_what_is_inserted_is_read_back(app: Flask, bloom: Store, drawn: list[Row]) -> None:
    with pytest.raises(_Undone), write() as session:
        store = session.merge(bloom)
        rows = orders(store, StoreWords(session, store), drawn)
        bulk_write.insert(session, TABLE, rows)
        found = session.execute(sa.select(TABLE).order_by(TABLE.c.id)).mappings().all()
        assert [_given(dict(row), rows[0]) for row in found] == [_given(row, rows[0]) for row in rows]
        raise _Undone


def test_an_hour_that_comes_twice_is_written_as_two_instants(app: Flask, bloom: Store) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    drawn: list[Row] = [{"delivery_status_since": first}, {"delivery_status_since": first.replace(fold=1)}]
    with write() as session:
        store = session.merge(bloom)
        bulk_write.insert(session, TABLE, orders(store, StoreWords(session, store), drawn))
        since = sa.select(TABLE.c.delivery_status_since).order_by(TABLE.c.id)
        earlier, later = session.scalars(since)
    assert (earlier.hour, later.hour) == (0, 1)


@pytest.mark.parametrize("count", [1, bulk_write.COPIED - 1, bulk_write.COPIED, 3 * bulk_write.COPIED])
def test_a_row_that_is_there_already_is_told_apart_and_nothing_is_kept(
    app: Flask, bloom: Store, count: int
) -> None:
    drawn: list[dict[str, Any]] = [{"note": str(place)} for place in range(count)]
    with pytest.raises(sa.exc.IntegrityError), write() as session:
        store = session.merge(bloom)
        rows = orders(store, StoreWords(session, store), drawn)
        bulk_write.insert(session, TABLE, rows)
        bulk_write.insert(session, TABLE, [row | {"id": row["id"] + count} for row in rows])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TABLE)) == 0


def _given(row: Row, named: Row) -> Row:
    values = {name: row[name] for name in named}
    return values | {"total": Decimal(values["total"]).normalize()}
