"""The newest of very many rows are found in steps from the store's newest row on."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from automations.models.db.base import db, write
from automations.models.db.newest_first import newest_of_many, newest_of_store, of_store
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from tests.kit.shop import place_customer, place_event, place_order
from tests.kit.statements import recorded_statements

pytestmark = pytest.mark.usefixtures("app")
OTHERS = "Thorn & Co"


def _confirmed() -> tuple[sa.Select[int], list[int]]:
    """Return the query for the confirmed ones of some orders, and their ids; another store has newer ones."""
    for number in range(12):
        place_order(f"R-{number}", status="confirmed" if number % 3 == 0 else "picked")
    for number in range(5):
        place_order(f"O-{number}", OTHERS, status="confirmed")
    query = sa.select(Order.id).where(Order.store_id == 1, Order.status == "confirmed")
    return query, sorted(db.session.scalars(query), reverse=True)


@pytest.mark.parametrize("walked", [1, 3, 1_000])
@pytest.mark.parametrize("limit", [1, 2, 4, 9])
@pytest.mark.parametrize("sortable", [0, 1, 3, 100])
def test_they_come_newest_first_however_long_the_steps(walked: int, limit: int, sortable: int) -> None:
    query, ids = _confirmed()
    sizes = (limit, walked, sortable)
    assert newest_of_many(db.session(), query, Order, 1, None, *sizes) == ids[:limit]
    assert newest_of_many(db.session(), query, Order, 1, ids[1], *sizes) == ids[2 : 2 + limit]


def test_newer_rows_of_other_stores_are_not_walked_through() -> None:
    query, ids = _confirmed()
    newest = newest_of_store(db.session(), Order, 1)
    assert newest == db.session.query(Order).filter_by(number="R-11").one().id
    with recorded_statements() as statements:
        assert newest_of_many(db.session(), query, Order, 1, None, 1, walked=4) == ids[:1]
    assert len(statements) == 2
    assert newest_of_store(db.session(), Order, 2**30) == 0
    assert newest_of_many(db.session(), query, Order, 1, 1, 5) == []


def test_many_rows_of_other_stores_between_do_not_make_it_sort_every_match() -> None:
    query, ids = _confirmed()
    for number in range(5, 10):
        place_order(f"O-{number}", OTHERS, status="confirmed")
    place_order("R-99", status="picked")
    with recorded_statements() as statements:
        found = newest_of_many(db.session(), query, Order, 1, None, 1, walked=3, sortable=1_000)
    assert found == ids[:1]
    matching = [text for text, _ in statements if ".status" in text]
    assert len(matching) == 2 and all('"order".id >= ' in text for text in matching)


def _repeat(table: Any, store_id: int, many: int) -> None:
    """Repeat a row of a store under so many ids above those of all rows."""
    newest = db.session.query(sa.func.max(table.id)).scalar()
    number = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    number = number.union_all(sa.select(number.c.n + 1).where(number.c.n < many))
    changed = {"id": newest + number.c.n}
    if hasattr(table, "number"):
        changed["number"] = table.number + "-" + sa.cast(number.c.n, sa.Text())
    columns = [column.name for column in table.__table__.columns]
    values = [changed.get(name, getattr(table, name)) for name in columns]
    rows = sa.select(*values).select_from(table).join(number, sa.true())
    one = sa.select(sa.func.min(table.id)).where(table.store_id == store_id).scalar_subquery()
    rows = rows.where(table.id == one)
    with write() as session:
        session.execute(sa.insert(table).from_select(columns, rows))


def _plan(query: sa.Select[Any]) -> str:
    connection = db.session.connection()
    how = "QUERY PLAN " if connection.dialect.name == "sqlite" else ""
    said = query.compile(connection, compile_kwargs={"render_postcompile": True})
    values = (
        said.params if said.positiontup is None else tuple(said.params[name] for name in said.positiontup)
    )
    rows = connection.exec_driver_sql(f"EXPLAIN {how}{said}", values).all()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("table", [Order, Event, Customer, Occurrence])
@pytest.mark.parametrize("below", [None, 1_000])
def test_rows_of_a_store_are_read_by_its_own_index_and_not_past_those_of_others(
    table: Any, below: int | None
) -> None:
    for store in ("Bloom & Wild St", OTHERS):
        for place in (place_order, place_event, place_customer):
            place("77", store)
    _repeat(table, 1, 600)
    _repeat(table, 2, 1_400)
    db.session.execute(sa.text("ANALYZE"))
    plan = _plan(of_store(sa.select(table), table, 1, below).limit(50))
    assert f"ix_{table.__tablename__}_store_id_id" in plan
    assert "Sort" not in plan and "TEMP B-TREE" not in plan


@pytest.mark.parametrize("below", [None, 0, 1, 5, 9, 40])
@pytest.mark.parametrize("at_least", [0, 1, 4, 12])
def test_rows_of_a_store_come_newest_first_between_two_ids(below: int | None, at_least: int) -> None:
    for number in range(12):
        place_order(f"R-{number}", OTHERS if number % 3 == 0 else "Bloom & Wild St")
    every = db.session.execute(sa.select(Order.id, Order.store_id)).all()
    for store_id in (1, 2, 2**30):
        theirs = sorted((id for id, whose in every if whose == store_id), reverse=True)
        wanted = [id for id in theirs if id >= at_least and (below is None or id < below)]
        found = of_store(sa.select(Order.id), Order, store_id, below, at_least)
        assert db.session.scalars(found.limit(3)).all() == wanted[:3]
    assert [id for id, _ in every if id > 4], "some are left out at either end"
