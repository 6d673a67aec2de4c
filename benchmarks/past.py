"""How long counting the recorded past takes: columns, beside judging one snapshot after the other.

    python benchmarks/past.py [--quick] [--database sqlite|postgres|both] [--occurrences 100000,1000000]

The log holds payment status changes with amounts of 10,000 distinct values. Asked is the funnel of a draft
with five conditions, one of which is edited before each question. "cold" is the first question of a process;
"judging" puts the same occurrences, read and decoded beforehand, to the live index one after the other; the
memory is what Python and numpy have allocated. Prints a table and, as its last line, the numbers to keep as
JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import msgspec
import sqlalchemy as sa
from flask import Flask

from automations.models.db import schema

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import rule_from
from automations.features.past import tables
from automations.features.past.funnel import Funnel, funnel
from automations.features.past.period import period_of
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords, add_defaults
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records.evaluation_context import StoredContext
from tests.kit.databases import PostgresDatabases, postgres_url

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
AMOUNTS, CUSTOMERS, DAYS = 10_000, 5_000, 90
PAID = ("unpaid", "partially_paid", "paid", "over_paid", "refunded")
TAGS: tuple[list[str], ...] = ([], ["vip"], ["newsletter", "VIP"], ["prefers phone"], ["trade"])
LINES = [
    {"sku": "ROSE-12", "name": "Twelve roses", "category": "bouquet", "quantity": 2, "unit_price": "34.00"},
    {"sku": "VASE-3", "name": "Glass vase", "category": "extra", "quantity": 1, "unit_price": "18.50"},
]
CONDITIONS = [
    {"field": "fulfilment_method", "operator": "equals", "value": "delivery"},
    {"field": "payment_status", "operator": "equals", "value": "paid"},
    {"field": "total", "operator": "greater_than", "value": "40.00"},
    {"field": "delivery_date", "operator": "within_next", "value": "14"},
    {"field": "customer.tags", "operator": "not_contains", "value": "prefers phone"},
]
COLUMNS = "store_id, subject, record_id, revision, trigger, from_value, to_value, changed, snapshot, moment"
COLUMNS += ", ruleset, cause_kind, cause, at"
ROUNDS = 15


def main() -> None:
    """Print the table and, as the last line, the numbers to keep as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="20,000 and 50,000 occurrences")
    options.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options.add_argument("--occurrences", default="100000,1000000", help="how many, smaller and larger")
    given = options.parse_args()
    small, large = (20_000, 50_000) if given.quick else map(int, given.occurrences.split(","))
    kinds = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    print(
        f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors; (in brackets: processor time)"
    )
    print(
        f"\n{'':<10}{'occurrences':>12}{'cold s':>17}{'warm ms':>19}{'judging s':>19}{'speedup':>9}{'MB':>7}"
    )
    result: dict[str, dict[str, float]] = {}
    for kind in kinds:
        with prepared(kind) as app:
            few, many = (printed(kind, measured(app, count)) for count in (small, large))
        result[kind] = numbers(few, many)
    print(json.dumps(result))


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds, and those of them that the processor worked for this."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured with so many occurrences."""

    count: int
    cold: Taken
    warm: Taken
    judging: Taken
    megabytes: float

    @property
    def speedup(self) -> float:
        """How many times faster counting is; both were measured in the same minute."""
        return self.judging.wall / self.warm.wall


def numbers(few: Measured, many: Measured) -> dict[str, float]:
    """The numbers to keep, each per so many occurrences."""
    per_100k, per_1m = 100_000 / few.count, 1_000_000 / many.count
    return {
        "warm_ms_100k": round(few.warm.wall * 1000 * per_100k, 2),
        "cold_ms_100k": round(few.cold.wall * 1000 * per_100k),
        "warm_ms_1m": round(many.warm.wall * 1000 * per_1m, 1),
        "speedup": round(few.speedup),
        "mb_per_1m": round(many.megabytes * per_1m, 1),
        "warm_processor_ms_100k": round(few.warm.processor * 1000 * per_100k, 2),
        "cold_processor_ms_100k": round(few.cold.processor * 1000 * per_100k),
        "warm_processor_ms_1m": round(many.warm.processor * 1000 * per_1m, 1),
    }


def printed(kind: str, row: Measured) -> Measured:
    """Print one row of the table, and return it."""
    cold, judging = (f"{one.wall:.2f} ({one.processor:.2f})" for one in (row.cold, row.judging))
    warm = f"{row.warm.wall * 1000:.1f} ({row.warm.processor * 1000:.1f})"
    columns = f"{kind:<10}{row.count:>12,}{cold:>17}{warm:>19}{judging:>19}"
    print(f"{columns}{row.speedup:>9,.0f}{row.megabytes:>7.1f}", flush=True)
    return row


@contextmanager
def prepared(kind: str) -> Iterator[Flask]:
    """An application with an empty store on a database of this kind."""
    with tempfile.TemporaryDirectory() as folder:
        made = PostgresDatabases(postgres_url(hurry=False)) if kind == "postgres" else None
        url = made.url if made else f"sqlite:///{Path(folder) / 'past.db'}"
        settings = {"SECRET_KEY": "only-for-measuring-" * 3, "DATABASE_URL": url}
        app = create_app(settings | {"DATA_FOLDER": folder, "TESTING": True})
        # Every first question is to read the log.
        tables.keep_in(None)
        with app.app_context():
            schema.upgrade()
            with write() as session:
                store = Store(name="Bench & Bloom", created_at=NOW - dt.timedelta(days=400))
                session.add(store)
                session.flush()
                add_defaults(session, store)
            yield app
            db.session.remove()
            db.engine.dispose()
        if made:
            made.drop()


def measured(app: Flask, count: int) -> Measured:
    """Fill up the log to `count` occurrences, and measure."""
    fill(count)
    store = db.session.query(Store).one()
    words = StoreWords(db.session(), store)
    ask(store, words, 0, period="30")
    tables.clear()
    cold, first = timed(store, words, 0)
    if first.base != count:
        raise SystemExit(f"{first.base:,} of {count:,} occurrences were counted.")
    rounds = [timed(store, words, edit)[0] for edit in range(1, ROUNDS + 1)]
    warm = Taken(*(statistics.median(getattr(one, name) for one in rounds) for name in ("wall", "processor")))
    sample = min(count, 100_000)
    judging, fired = judged(sample)
    if sample == count and fired != first.fired:
        raise SystemExit(f"The index fired {fired:,} times, the columns {first.fired:,} times.")
    judging = Taken(*(seconds * count / sample for seconds in (judging.wall, judging.processor)))
    return Measured(count, cold, warm, judging, memory(store, words))


def memory(store: Store, words: StoreWords) -> float:
    """Megabytes that asking leaves allocated."""
    tables.clear()
    gc.collect()
    tracemalloc.start()
    ask(store, words, 0)
    gc.collect()
    allocated, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return allocated / 1_000_000


def timed(store: Store, words: StoreWords, edit: int) -> tuple[Taken, Funnel]:
    begun, worked = perf_counter(), process_time()
    asked = ask(store, words, edit)
    return Taken(perf_counter() - begun, process_time() - worked), asked


def ask(store: Store, words: StoreWords, edit: int, period: str = "all") -> Funnel:
    return funnel(db.session(), store, words, draft(edit), period_of(period, store, NOW))


def draft(edit: int) -> dict[str, Any]:
    """The draft, with an edited amount."""
    conditions = [dict(one) for one in CONDITIONS]
    conditions[2]["value"] = f"{40 + edit}.00"
    return {"subject": "order", "trigger": {"key": "payment_status_changed"}, "conditions": conditions}


def judged(count: int) -> tuple[Taken, int]:
    """How long judging `count` occurrences one after the other takes, and at how many the draft fired."""
    rows = db.session.query(Occurrence).order_by(Occurrence.id).limit(count).all()
    plain = [(row.snapshot, row.from_value, row.to_value, row.at, row.moment) for row in rows]
    db.session.rollback()
    index = RuleIndex([rule_from(1, draft(0))])
    begun, worked = perf_counter(), process_time()
    fired = 0
    for snapshot, before, after, at, moment in plain:
        change = (before, after, StoredContext.from_data(at, moment))
        occurrence = OccurrenceFacts("order", "payment_status_changed", snapshot, *change)
        fired += len(index.fires(occurrence.read(index.fields)))
    return Taken(perf_counter() - begun, process_time() - worked), fired


# The log


def fill(count: int) -> None:
    """Write occurrences until there are `count`, spread over the last days, past the ORM."""
    there = db.session.query(Occurrence).count()
    store_id = db.session.query(Store.id).scalar()
    db.session.rollback()
    for first in range(there, count, 10_000):
        rows = [occurrence(store_id, place) for place in range(first, min(first + 10_000, count))]
        with db.engine.begin() as connection:
            insert(connection, rows)
    if db.engine.dialect.name != "sqlite":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE occurrence")


def insert(connection: sa.Connection, rows: list[tuple[Any, ...]]) -> None:
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO occurrence ({COLUMNS}) VALUES ({marks})", rows)
        return
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY occurrence ({COLUMNS}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def occurrence(store_id: int, place: int) -> tuple[Any, ...]:
    chance = random.Random(place)
    at = NOW - dt.timedelta(days=DAYS) + dt.timedelta(seconds=place % 1_000_000 * 7)
    before, after = chance.sample(PAID, 2)
    moment: dict[str, Any] = {"zone": "Europe/London", "working": place % 3 > 0}
    moment["previous"] = {"payment_status": before}
    return (
        *(store_id, "order", place // 2, 2, "payment_status_changed", before, after),
        *('["payment_status"]', text(snapshot(store_id, place, after, chance)), text(moment)),
        *(1, "api", "till “Front desk”", at.strftime("%Y-%m-%d %H:%M:%S.%f")),
    )


def text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def snapshot(store_id: int, place: int, paid: str, chance: random.Random) -> dict[str, Any]:
    """The snapshot of an order as the product writes it."""
    customer, total = chance.randrange(CUSTOMERS), f"{chance.randrange(AMOUNTS) / 100 + 5:.2f}"
    placed = NOW - dt.timedelta(seconds=chance.randrange(DAYS * 86_400))
    return {
        "id": place // 2,
        "number": str(place // 2),
        "status": chance.choice(("confirmed", "picked", "fulfilled")),
        "payment_status": paid,
        "order_type": chance.choice(("gift", "funeral", "corporate")),
        "fulfilment_method": chance.choice(("delivery", "collection", "relay")),
        "delivery_type": "own_van",
        "delivery_status": None,
        "source": chance.choice(("till", "web", "phone")),
        "currency": "GBP",
        "item_count": 3,
        "tags": chance.choice(TAGS),
        "note": f"Leave with the neighbour at number {place % 300}",
        "tracking_number": "",
        "lines": LINES,
        "total_given": True,
        "total": total,
        "amount_paid": total if paid == "paid" else "0.00",
        "balance_due": "0.00" if paid == "paid" else total,
        "custom": {},
        "delivery_date": (placed.date() + dt.timedelta(days=chance.randrange(40))).isoformat(),
        "storage_until": None,
        "placed_at": placed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "store": {"id": str(store_id), "name": "Bench & Bloom"},
        "account": None,
        "customer": {
            "id": customer,
            "number": f"C-{customer}",
            "first_name": f"First {customer}",
            "last_name": f"Last {customer}",
            "email": f"customer{customer}@shop.example",
            "phone": f"+44 20 7946 {customer:04d}",
            "tags": TAGS[customer % len(TAGS)],
            "marketing_consent": customer % 2 > 0,
            "note": "",
            "custom": {},
            "created_at": "2026-01-01T10:00:00Z",
        },
    }


if __name__ == "__main__":
    main()
