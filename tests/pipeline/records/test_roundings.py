"""What a source wrote more exactly than a currency allows stays with the order until the amount changes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from automations.engine.fields.written_amounts import written_amount
from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change
from tests.web.api.conftest import till_of

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
TOTAL, PRICE = written_amount(10.90909, "GBP"), written_amount("5.4545", "GBP")


@pytest.fixture
def order(app: Flask, bloom: Store) -> Order:
    lines = [{"name": "Roses", "quantity": 2, "unit_price": str(PRICE.amount)}]
    given = {"total": TOTAL.rounding, "lines.0.unit_price": PRICE.rounding}
    change(bloom, total=TOTAL.amount, lines=lines, roundings=given)
    return db.session.query(Order).one()


def change(store: Store, **values: Any) -> tuple[str, ...]:
    with write() as session:
        store = session.get_one(Store, store.id)
        received = receive(session, store, "order", [Change("1", values)], Cause("api", "Shop"), NOW)
    return received[0].triggers


def kept() -> dict[str, Any]:
    db.session.rollback()
    return db.session.query(Order).one().roundings or {}


def test_the_answer_says_what_was_written_and_by_how_much_it_differs(app: Flask, order: Order) -> None:
    record = till_of(app).get("/api/orders/1").json["record"]
    assert record["total"] == "10.91"
    assert record["roundings"] == {
        "total": {"written": "10.90909", "difference": "0.00091"},
        "lines.0.unit_price": {"written": "5.4545", "difference": "-0.0045"},
    }


def test_an_amount_that_changes_loses_what_was_written_of_it_and_no_other(
    app: Flask, bloom: Store, order: Order
) -> None:
    assert change(bloom, note="Ring", total=Decimal("10.91")) == ("changed",)
    assert kept().keys() == {"total", "lines.0.unit_price"}
    change(bloom, total=Decimal("12.00"))
    assert kept().keys() == {"lines.0.unit_price"}
    change(bloom, lines=[])
    assert kept() == {}


def test_the_same_from_a_source_again_is_no_change(app: Flask, bloom: Store, order: Order) -> None:
    given = {"total": TOTAL.rounding, "lines.0.unit_price": PRICE.rounding}
    assert change(bloom, total=TOTAL.amount, lines=order.lines, roundings=given) == ()
