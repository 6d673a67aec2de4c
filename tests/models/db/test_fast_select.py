"""Queries at the cost of the bare driver return what SQLAlchemy returns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db, write
from automations.models.db.column_types import Id
from automations.models.db.fast_select import Lookup, fixed, in_list, listed
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.pipeline.records.record_kinds import KINDS
from tests.kit import shop
from tests.kit.statements import plan_of, recorded_statements

pytestmark = pytest.mark.usefixtures("app")

CUSTOMERS = Customer.metadata.tables["customer"]
BY_NUMBER = Lookup(
    lambda dialect: (
        sa.select(CUSTOMERS).where(in_list(CUSTOMERS.c.number, "numbers", dialect)).order_by(CUSTOMERS.c.id)
    )
)


def test_every_column_comes_back_as_sqlalchemy_gives_it(app: Flask) -> None:
    shop.place_order(total=Decimal("86.50"), tags=["vip"], delivery_date=dt.date(2026, 11, 24))
    table = Order.metadata.tables["order"]
    (expected,) = db.session.execute(sa.select(table)).mappings()
    (row,) = Lookup(lambda _dialect: sa.select(table)).rows(db.session())
    assert row == dict(expected)
    assert row["placed_at"].tzinfo is dt.UTC and type(row["total"]) is Decimal


@pytest.mark.parametrize(
    ("numbers", "names"),
    [([], []), (["C-1"], ["Anna"]), (["C-2", "C-1", "C-2"], ["Anna", "Bob"]), (['a"b', "'; --", "%s"], [])],
)
def test_a_list_is_one_parameter_of_any_length(numbers: list[str], names: list[str]) -> None:
    assert [row["first_name"] for row in BY_NUMBER.rows(db.session(), numbers=numbers)] == names


def test_ids_are_one_parameter_of_any_length() -> None:
    anna, bob = (db.session.query(Customer).filter_by(number=number).one().id for number in ("C-1", "C-2"))
    among = Lookup(
        lambda dialect: (
            sa.select(Customer.id).where(in_list(Customer.id, "ids", dialect)).order_by(Customer.id)
        )
    )
    assert among.ids(db.session(), ids=[]) == []
    assert among.ids(db.session(), ids=[bob]) == [bob]
    many = [bob, anna, bob, 2**31 - 1, *range(-10_000, 0)]
    assert among.ids(db.session(), ids=many) == sorted([anna, bob])


def test_pairs_are_ids_and_what_belongs_to_each() -> None:
    def make(dialect: str) -> sa.Select[Any]:
        id = listed("ids", Id, dialect)
        theirs = sa.select(Customer.store_id).where(Customer.id == id).scalar_subquery()
        return sa.select(id.label("value"), theirs.label("store_id"))

    anna = db.session.query(Customer).filter_by(number="C-1").one()
    missing = 2**40
    found = Lookup(make).pairs(db.session(), ids=[missing, anna.id])
    assert sorted(found) == sorted([(missing, None), (anna.id, anna.store_id)])
    assert Lookup(make).pairs(db.session(), ids=[]) == []


def test_ten_thousand_values_take_one_statement() -> None:
    db.session().connection()
    with recorded_statements() as statements:
        BY_NUMBER.rows(db.session(), numbers=[f"C-{number}" for number in range(10_000)])
    assert len(statements) == 1


def test_constants_stand_in_the_query_itself() -> None:
    known = Lookup(
        lambda _: (
            sa.select(CUSTOMERS.c.number)
            .where(sa.or_(CUSTOMERS.c.number == "C-1", CUSTOMERS.c.number == sa.bindparam("other")))
            .where(CUSTOMERS.c.created_at > dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
            .order_by(CUSTOMERS.c.id.desc())
            .limit(1)
        )
    )
    assert [row["number"] for row in known.rows(db.session(), other="C-2")] == ["C-2"]
    assert [row["number"] for row in known.rows(db.session(), other="C-9")] == ["C-1"]


def test_a_word_of_the_program_stands_in_the_text_and_nothing_else_may() -> None:
    fulfilled = Lookup(lambda _: sa.select(Order.id).where(Order.status == fixed("fulfilled")))
    shop.place_order("1", status="fulfilled")
    shop.place_order("2", status="confirmed")
    db.session().connection()
    with recorded_statements() as statements:
        ids = fulfilled.ids(db.session())
    assert ids == [order.id for order in db.session.query(Order).filter_by(number="1")]
    [(text, values)] = statements
    assert "'fulfilled'" in text and not values
    for other in ("it's", "50%", "a b", ""):
        with pytest.raises(ValueError, match="word of the program"):
            fixed(other)


def test_what_was_rolled_back_inside_write_is_looked_up_on_another_connection() -> None:
    with write() as session:
        session.rollback()
        assert [row["number"] for row in BY_NUMBER.rows(session, numbers=["C-2"])] == ["C-2"]


def test_first_returns_the_first_row_or_none() -> None:
    first = BY_NUMBER.first(db.session(), numbers=["C-2"])
    assert first is not None and first["first_name"] == "Bob"
    assert BY_NUMBER.first(db.session(), numbers=["C-9"]) is None


@pytest.mark.parametrize("subject", KINDS)
@pytest.mark.parametrize("lookup", ["locked", "unlocked"])
def test_records_are_found_by_number_through_an_index(subject: str, lookup: str) -> None:
    db.session().connection()
    with recorded_statements() as statements:
        getattr(KINDS[subject], lookup).rows(db.session(), store_id=1, numbers=["1", "2"])
    if db.engine.dialect.name == "sqlite":
        assert any("USING INDEX" in step and "number=?" in step for step in plan_of(statements[0]))
