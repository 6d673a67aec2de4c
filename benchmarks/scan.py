"""How long one scan of the time triggers takes over a million orders, on SQLite.

Twenty-one automations wait for times: before and after dates, one of them the store's own, with repeats,
hours after an order was placed, for statuses that last, and on a schedule. Measured is a scan as the worker
does it every two seconds, one in which an automation is due for a day's deliveries, and one in which a
schedule looks for its few orders.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from flask import Flask

from automations.models.db import schema

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from automations.features.authoring import publish
from automations.features.scheduling import scan
from automations.models.db.base import db, write
from automations.models.settings.choices import add_defaults
from automations.models.tables.automation import Automation
from automations.models.tables.custom_field import CustomField
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.store import Store

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
#: Orders of two years, half of them to come; about 1,370 a day.
DAYS = 730
PLACED = "datetime(:now, '-' || (n * 63 % 63072000) || ' seconds') || '.000000'"
DAY_OF = "(n % :days - :days / 2) || ' days'"
#: The orders are filled in by the database itself; `n` is the number of each.
COLUMNS = {
    "id": "n",
    "store_id": ":store_id",
    "number": "'N-' || n",
    "status": "CASE n % 50 WHEN 0 THEN 'confirmed' ELSE 'fulfilled' END",
    "status_since": PLACED,
    "payment_status": "CASE n % 40 WHEN 0 THEN 'unpaid' ELSE 'paid' END",
    "payment_status_since": PLACED,
    "total": "20000 + n % 180 * 1000",
    "amount_paid": "0",
    "currency": "'GBP'",
    "item_count": "3",
    "delivery_date": f"date(:now, {DAY_OF})",
    "custom": f"'{{\"visit\": \"' || date(:now, {DAY_OF}) || '\"}}'",
    "placed_at": PLACED,
    "created_at": "datetime(:now, '-800 days') || '.000000'",
    "updated_at": "datetime(:now, '-800 days') || '.000000'",
    "tags": "'[]'",
    "lines": ":lines",
    "note": "'Leave with the neighbour'",
    "tracking_number": "''",
    "revision": "1",
}
LINES = [
    {"sku": f"S-{n}", "name": "Twelve roses", "category": "bouquet", "quantity": 1, "unit_price": "34.00"}
    for n in range(3)
]
EMAIL = {"to": "customer", "address": "", "subject": "Your order", "message": "{{ order.number }}"}


def main() -> None:
    """Prints the table and, as the last line, the numbers to keep as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    orders = parser.parse_args().orders
    print(f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors, SQLite on a file")
    with prepared(orders) as seconds:
        print(f"{orders:,} orders, {len(automations())} automations; filled in {seconds:.0f} s\n")
        rows = measure()
    print(f"{'scan':<52}{'seconds':>9}{'occurrences':>13}")
    for name, taken, found in rows:
        print(f"{name:<52}{taken:>9.3f}{found:>13,}")
    result = {
        "scan_seconds": round(rows[0][1], 4),
        "scan_seconds_due": round(rows[1][1], 3),
        "per_second_due": round(rows[1][2] / rows[1][1]),
        "scan_seconds_own": round(rows[2][1], 3),
        "scan_seconds_schedule": round(rows[3][1], 3),
        "orders": orders,
    }
    print(json.dumps(result))


@contextmanager
def prepared(orders: int) -> Iterator[float]:
    """An application on a database of so many orders; says how many seconds filling it took."""
    with tempfile.TemporaryDirectory() as folder:
        app = _app(Path(folder))
        with app.app_context():
            schema.upgrade()
            begun = perf_counter()
            _fill(orders)
            yield perf_counter() - begun
            db.session.remove()
            db.engine.dispose()


def automations() -> list[dict[str, Any]]:
    """The triggers: at 09:00 the first is due, at 10:00 the schedule."""
    reached = [_reached("delivery_date", "before", 1, time="09:00")]
    reached += [_reached("delivery_date", "after", n, time="17:30") for n in range(1, 6)]
    again = {"repeat_every": "7", "repeat_unit": "days", "repeat_times": "8"}
    reached += [_reached("storage_until", "after", n, time="18:00", **again) for n in range(1, 4)]
    reached += [_reached("custom.visit", "before", 1, time="09:30")]
    reached += [_reached("placed_at", "after", n, "hours") for n in (2_000, 4_000, 6_000, 8_000, 9_999)]
    lasting = [
        {"status_field": field, "status": status, "amount": "20", "unit": "days"}
        for field, choices in (("status", ("picked", "confirmed")), ("payment_status", ("void", "unpaid")))
        for status in choices
    ]
    daily = {"every": "day", "weekday": None, "day": None, "time": "10:00"}
    weekly = {"every": "week", "weekday": "monday", "day": None, "time": "11:00"}
    found = [("date_reached", one) for one in reached] + [("stays_in_status", one) for one in lasting]
    found += [("scheduled", daily), ("scheduled", weekly)]
    return [{"key": key, "from": None, "to": None, "schedule": one} for key, one in found]


def measure() -> list[tuple[str, float, int]]:
    """(what, seconds, occurrences written) of each kind of scan."""
    scan.scan(NOW)
    idle = [_scan(NOW + dt.timedelta(seconds=2 * n)) for n in range(1, 16)]
    quiet = statistics.median(taken for taken, _ in idle)
    nine, ten = (NOW.replace(hour=hour, second=1) for hour in (9, 10))
    scan.scan(nine - dt.timedelta(seconds=2))
    due = _scan(nine)
    half = nine.replace(minute=30)
    scan.scan(half - dt.timedelta(seconds=2))
    own = _scan(half)
    scan.scan(ten - dt.timedelta(seconds=2))
    regular = _scan(ten)
    return [
        ("as every two seconds, little or nothing due", quiet, sum(found for _, found in idle)),
        ("one automation due for a day’s deliveries", *due),
        ("one due by a date of the store’s own", *own),
        ("a schedule for unpaid, confirmed orders", *regular),
    ]


def _scan(now: dt.datetime) -> tuple[float, int]:
    begun = perf_counter()
    found = scan.scan(now)
    return perf_counter() - begun, found


def _app(folder: Path) -> Flask:
    settings = {"SECRET_KEY": "only-for-measuring-" * 3, "DATABASE_URL": f"sqlite:///{folder / 'scan.db'}"}
    return create_app(settings | {"DATA_FOLDER": str(folder), "TESTING": True})


def _fill(orders: int) -> None:
    start = NOW - dt.timedelta(days=1)
    with write() as session:
        store = Store(name="Bench & Bloom", created_at=start)
        ada = User(email="ada@bench.example", name="Ada Quill", password_hash="x", created_at=start)
        session.add_all([store, ada])
        session.flush()
        add_defaults(session, store)
        visit = CustomField(store_id=store.id, subject="order", key="visit", label="Visit", type="date")
        session.add(visit)
        session.flush()
        _add_orders(session, store.id, orders)
        for number, trigger in enumerate(automations()):
            data = {"subject": "order", "trigger": trigger, "conditions": _conditions(trigger)}
            data["actions"] = [{"kind": "send_email", "settings": EMAIL}]
            made = Automation(store_id=store.id, name=f"Automation {number}", draft=data, created_by=ada.id)
            made.created_at = made.updated_at = start
            session.add(made)
            session.flush()
            publish.publish(session, made, ada, start)


def _add_orders(session: sa.orm.Session, store_id: int, orders: int) -> None:
    table = Order.metadata.tables["order"]
    creations = [sa.schema.CreateIndex(index) for index in table.indexes]
    for index in table.indexes:
        session.execute(sa.schema.DropIndex(index))
    names, values = ", ".join(COLUMNS), ", ".join(COLUMNS.values())
    numbers = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < :orders)"
    statement = sa.text(f'INSERT INTO "order" ({names}) {numbers} SELECT {values} FROM t')
    known = {"orders": orders, "store_id": store_id, "days": DAYS, "lines": json.dumps(LINES)}
    session.execute(statement, known | {"now": NOW.replace(tzinfo=None).isoformat(" ")})
    for creation in creations:
        session.execute(creation)
    dates = "INSERT INTO own_date (store_id, subject, record_id, key, day) "
    dates += "SELECT store_id, 'order', id, 'visit', delivery_date FROM \"order\""
    session.execute(sa.text(dates))


def _reached(
    field: str, direction: str, amount: int, unit: str = "days", time: str | None = None, **repeat: str
) -> dict[str, Any]:
    start = {"field": field, "direction": direction, "amount": str(amount), "unit": unit, "time": time}
    return start | {"repeat_every": None, "repeat_unit": None, "repeat_times": None} | repeat


def _conditions(trigger: dict[str, Any]) -> list[dict[str, Any]]:
    unpaid = {"field": "payment_status", "operator": "equals", "value": "unpaid"}
    confirmed = {"field": "status", "operator": "equals", "value": "confirmed"}
    recent = {"field": "placed_at", "operator": "at_least", "value": "2026-11-01T00:00Z"}
    return [unpaid, confirmed, recent] if trigger["key"] == "scheduled" else [unpaid]


if __name__ == "__main__":
    main()
