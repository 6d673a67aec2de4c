"""The newest of very many rows are found in steps from the store's newest row on."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from automations.models.db.base import db
from automations.models.db.newest_first import newest_of_many, newest_of_store
from automations.models.tables.order import Order
from tests.kit.shop import place_order
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
    below = newest_of_store(db.session(), Order, 1) + 1
    sizes = (limit, walked, sortable)
    assert newest_of_many(db.session(), query, Order.id, below, *sizes) == ids[:limit]
    assert newest_of_many(db.session(), query, Order.id, ids[1], *sizes) == ids[2 : 2 + limit]


def test_newer_rows_of_other_stores_are_not_walked_through() -> None:
    query, ids = _confirmed()
    newest = newest_of_store(db.session(), Order, 1)
    assert newest == db.session.query(Order).filter_by(number="R-11").one().id
    with recorded_statements() as statements:
        assert newest_of_many(db.session(), query, Order.id, newest + 1, 1, walked=4) == ids[:1]
    assert len(statements) == 1
    assert newest_of_store(db.session(), Order, 2**30) == 0
    assert newest_of_many(db.session(), query, Order.id, 1, 5) == []
