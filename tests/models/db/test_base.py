"""The session and its write transaction, and how values survive storage."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db import write_turn
from automations.models.db.base import db, write
from automations.models.db.database import engine_options, prepare_engine
from automations.models.db.id_allocation import reserve
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from tests.world import NOW


def order(**values: object) -> Order:
    required = {
        "store_id": 1,
        "number": "1",
        "status": "unconfirmed",
        "payment_status": "unpaid",
        "currency": "GBP",
    }
    money = {"total": Decimal("0.10"), "amount_paid": Decimal("0")}
    return Order(**{**required, **money, "placed_at": NOW, "created_at": NOW, "updated_at": NOW, **values})


@pytest.mark.parametrize("amount", ["0.00", "0.10", "86.50", "-5.20", "1.234", "999999999999.99"])
def test_money_comes_back_exactly_as_it_was_stored(app: Flask, amount: str) -> None:
    with write() as session:
        session.add(order(total=Decimal(amount)))
    assert str(db.session.scalars(sa.select(Order.total)).one()) == amount


def test_an_instant_comes_back_in_utc_and_one_without_a_zone_is_refused(app: Flask) -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    with write() as session:
        session.add(order(placed_at=dt.datetime(2026, 11, 22, 19, tzinfo=tokyo)))
    assert db.session.scalars(sa.select(Order.placed_at)).one() == dt.datetime(
        2026, 11, 22, 10, tzinfo=dt.UTC
    )
    with pytest.raises(sa.exc.StatementError, match="time zone"), write() as session:
        session.add(order(number="2", placed_at=dt.datetime(2026, 11, 22)))


def test_a_failed_write_is_rolled_back(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), write() as session:
        session.add(order())
        session.flush()
        _ = 1 / 0
    assert db.session.scalars(sa.select(Order)).all() == []


def test_a_write_inside_a_write_is_refused(app: Flask) -> None:
    with write(), pytest.raises(RuntimeError, match="already open"), write():
        pass


def test_reserved_ids_are_given_to_no_other_row(app: Flask) -> None:
    with write() as session:
        first, second = reserve(session, "order", 2)
        session.execute(sa.insert(Order.__table__), [_row(first, "a"), _row(second, "b")])
    with write() as session:
        session.add(late := order(number="c"))
    assert first < second < late.id


def test_every_sqlite_connection_is_durable_and_checks_foreign_keys(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        assert db.session.execute(sa.text("SHOW statement_timeout")).scalar() == "10s"
        return
    url = app.config["DATABASE_URL"]
    # The engine of the tests themselves does not wait for the disk.
    engine = prepare_engine(sa.create_engine(url, **engine_options(url)))
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}


def test_the_world_has_two_stores_and_their_customers(app: Flask) -> None:
    assert db.session.query(Store).count() == 2
    assert {customer.name for customer in db.session.query(Customer)} == {"Anna Petrova", "Bob Marsh"}
    assert db.session.query(Run).count() == 0


def test_a_write_after_reading_sees_what_others_wrote_since(app: Flask) -> None:
    before = db.session.query(Store).order_by(Store.id).first()
    assert before is not None
    number, new = before.ruleset, before.ruleset + 1
    with db.engine.begin() as other:
        other.execute(sa.update(Store).where(Store.id == before.id).values(ruleset=new))
    assert before.ruleset == number
    with write() as session:
        assert session.get_one(Store, before.id).ruleset == new
        session.get_one(Store, before.id).ruleset += 1
    assert db.session.get_one(Store, before.id).ruleset == new + 1


def test_a_write_after_a_failed_statement_starts_a_new_transaction(app: Flask) -> None:
    connection = db.session().connection()
    with pytest.raises(sa.exc.DBAPIError):
        connection.exec_driver_sql("SELEKT 1")
    with write() as session:
        session.add(order())
    assert db.session.query(Order).count() == 1


def test_changes_made_outside_a_write_are_discarded(app: Flask) -> None:
    store = db.session.query(Store).order_by(Store.id).first()
    assert store is not None
    store.name = "Someone else's"
    with write():
        pass
    assert db.session.query(Store).filter_by(name="Someone else's").count() == 0


def test_threads_that_write_at_once_each_get_their_turn(app: Flask) -> None:
    def rise(_: int) -> None:
        with app.app_context(), write() as session:
            store = session.scalars(sa.select(Store).order_by(Store.id).with_for_update()).first()
            assert store is not None
            store.ruleset += 1

    before = db.session.query(Store).order_by(Store.id).first()
    assert before is not None
    began = before.ruleset
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(rise, range(20)))
    db.session.rollback()
    assert before.ruleset == began + 20


def test_a_thread_writes_without_its_turn_after_waiting_too_long(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_turn, "LONGEST_TURN", 0.01)
    has_turn, ends = threading.Event(), threading.Event()

    def keep_it() -> None:
        with write_turn.turns_of(engine).turn():
            has_turn.set()
            ends.wait(60)

    engine = db.engine
    other = threading.Thread(target=keep_it)
    other.start()
    assert has_turn.wait(10)
    with write() as session:
        session.add(order())
    ends.set()
    other.join(timeout=10)
    assert db.session.query(Order).count() == 1


def _row(id: int, number: str) -> dict[str, object]:
    record = order(id=id, number=number)
    return {
        column.name: getattr(record, column.name)
        for column in Order.__table__.columns
        if column.name not in {"tags", "lines"} and getattr(record, column.name) is not None
    } | {
        "tags": [],
        "lines": [],
        "item_count": 0,
        "note": "",
        "tracking_number": "",
        "revision": 1,
        "total_given": False,
    }
