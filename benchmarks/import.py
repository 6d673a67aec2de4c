"""How fast a CSV file comes in, and how much memory it takes: a file of a shop, checked and imported.

    python benchmarks/import.py [--quick] [--database sqlite|postgres|both] [--rows 10000,100000]

The file has the columns of a shop that matter and two rows for each order, of as many customers as half
the orders; the store has no automation. Each measurement is a process of its own, so that its peak memory
can be told; it does what the worker does: checks all rows, then imports the records. “the API” receives the
same orders, read already, in batches of 1,000. Prints a table and, as its last line, the numbers to keep as
JSON.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, BinaryIO

from automations.models.db import schema

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from automations.features.csv_import import import_work, imports, uploading
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords, add_defaults
from automations.models.tables.csv_import import CsvImport
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from automations.pipeline.intake import take_records, vocabulary_cache
from automations.pipeline.records.change import Cause
from tests.features.csv_import.uploads import FIRST, SECOND, SHOPIFY
from tests.kit.databases import PostgresDatabases, postgres_url

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
MEGABYTE = 1024.0
BATCH = 1_000


def main() -> None:
    """Print the table and, as the last line, the numbers to keep as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="2,000 and 10,000 rows")
    options.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options.add_argument("--rows", default="10000,100000", help="how many, smaller and larger")
    options.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.alone:
        print(json.dumps(measured(given.alone[0], int(given.alone[1]))))
        return
    counts = (2_000, 10_000) if given.quick else tuple(map(int, given.rows.split(",")))
    kinds = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    print(f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors")
    print(
        f"\n{'':<10}{'rows':>9}{'check s':>9}{'import s':>10}{'rows/s':>9}"
        f"{'CPU ms':>8}{'the API/s':>11}{'MB':>7}"
    )
    result = {}
    for kind in kinds:
        rows = [printed(kind, in_own_process(kind, count)) for count in counts]
        result[kind] = numbers(rows[0], rows[-1])
    print(json.dumps(result))


def numbers(few: dict[str, float], many: dict[str, float]) -> dict[str, float]:
    """Return the numbers to keep: of the larger file, and how they compare with the smaller."""
    return {
        "rows_per_second": round(many["rows"] / (many["check"] + many["import"])),
        "peak_mb": round(many["peak"]),
        "peak_mb_of_the_smaller": round(few["peak"]),
        "processor_ms_per_row": round(many["processor"] / many["rows"] * 1000, 3),
        "share_of_the_api": round(many["orders"] / many["import"] / many["api"], 2),
    }


def printed(kind: str, row: dict[str, float]) -> dict[str, float]:
    """Print one row of the table, and return it."""
    rate = row["rows"] / (row["check"] + row["import"])
    worked = row["processor"] / row["rows"] * 1000
    times = f"{row['check']:>9.1f}{row['import']:>10.1f}{rate:>9,.0f}{worked:>8.2f}"
    print(f"{kind:<10}{row['rows']:>9,.0f}{times}{row['api']:>11,.0f}{row['peak']:>7.0f}", flush=True)
    return row


def in_own_process(kind: str, count: int) -> dict[str, float]:
    """Return what a process of its own measures."""
    command = [sys.executable, __file__, "--alone", kind, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measured(kind: str, count: int) -> dict[str, float]:
    """Import a file of `count` rows into an empty store, and measure."""
    with prepared(kind), tempfile.TemporaryFile() as file:
        fill(file, count, "")
        found = uploading.read(file)
        with write() as session:
            store = session.query(Store).one()
            words = StoreWords(session, store)
            uploaded = (found, file)
            one = uploading.begin(session, store, words, "order", "orders.csv", uploaded, "Bench", NOW)
            import_id, columns = one.id, one.columns
        with write() as session:
            words = StoreWords(session, session.query(Store).one())
            if why_not := imports.check(session, import_id, columns, {}, words):
                raise SystemExit(why_not)
        worked, check = process_time(), worked_off()
        with write() as session:
            imports.move(session, import_id, imports.START, NOW)
        taken = worked_off()
        one = db.session.get_one(CsvImport, import_id, populate_existing=True)
        if one.figures.get("taken") != {"create": count // 2}:
            raise SystemExit(f"Not all came in: {one.state}, {one.problem}, {one.figures}.")
        row = {"rows": count, "orders": count // 2, "check": check, "import": taken}
        row |= {"processor": process_time() - worked, "peak": peak()}
        return row | {"api": api(min(count // 2, 10_000))}


def worked_off() -> float:
    """Return the seconds that the worker needs for what waits."""
    begun = perf_counter()
    import_work.work_all(lambda: dt.datetime.now(dt.UTC), "bench", lambda _: True)
    return perf_counter() - begun


def api(count: int) -> float:
    """Return how many orders a second the API's road takes in batches, once they are read."""
    read = vocabulary_cache.reader_of(db.session(), db.session.query(Store).one(), "order")
    bodies = [body(place) for place in range(count)]
    items = [read(one) for one in bodies]
    begun = perf_counter()
    for start in range(0, count, BATCH):
        with write() as session:
            store = session.query(Store).one()
            words = vocabulary_cache.words_of(session, store)
            batch = items[start : start + BATCH]
            take_records.take(session, store, "order", batch, Cause("api", "bench"), NOW, words)
    seconds = perf_counter() - begun
    if db.session.query(Order).filter(Order.number.like("B-%")).count() != count:
        raise SystemExit("The batches did not all come in.")
    return count / seconds


def body(place: int) -> dict[str, Any]:
    """Return an order as our API is sent it, much like one of the file."""
    lines = [
        {"sku": "R-1", "name": "Roses", "quantity": 2, "unit_price": "20.00"},
        {"name": "Vase", "quantity": 1, "unit_price": "20.00"},
    ]
    person = {"email": f"b{place // 2}@example.com", "first_name": "Ivy Rose", "last_name": "Cole"}
    order = {"number": f"B-{place}", "status": "fulfilled", "payment_status": "paid", "total": "64.95"}
    return order | {"lines": lines, "customer": person, "note": "Ring, twice", "recipient": "Anna Petrova"}


def fill(file: BinaryIO, count: int, prefix: str) -> None:
    """Write a file of `count` rows, two for each order."""
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, SHOPIFY, restval="")
    writer.writeheader()
    for place in range(count // 2):
        name = f"#{prefix}{100_000 + place}"
        email = f"customer{place // 2}@example.com"
        writer.writerow({**FIRST, "Name": name, "Email": email, "Id": str(5_000_000 + place)})
        writer.writerow({**SECOND, "Name": name})
    text.detach()


def peak() -> float:
    """Return the most memory this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


@contextmanager
def prepared(kind: str) -> Iterator[None]:
    """An application with an empty store on a database of this kind."""
    with tempfile.TemporaryDirectory() as folder:
        made = PostgresDatabases(postgres_url(hurry=False)) if kind == "postgres" else None
        url = made.url if made else f"sqlite:///{Path(folder) / 'import.db'}"
        settings = {"SECRET_KEY": "only-for-measuring-" * 3, "DATABASE_URL": url}
        app = create_app(settings | {"DATA_FOLDER": folder, "TESTING": True})
        with app.app_context():
            schema.upgrade()
            with write() as session:
                store = Store(name="Bench & Bloom", created_at=NOW - dt.timedelta(days=400))
                session.add(store)
                session.flush()
                add_defaults(session, store)
            yield
            db.session.remove()
            db.engine.dispose()
        if made:
            made.drop()


if __name__ == "__main__":
    main()
