"""Orders per second through HTTP with nothing waiting, and with 100,000 actions due and waiting.

    python benchmarks/deep_queue.py [--quick] [--database sqlite|postgres|both]

Two databases of the same kind, each with one web process of the product (no worker), take
turns in the same run; one of them holds runs that are due and that nobody does. Prints a table and, as its
last line, one JSON object: deep as a share of empty, for single orders and for batches.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import create_app
from automations.models.db import bulk_write
from automations.models.db.base import db, write
from automations.models.db.id_allocation import reserve
from automations.models.tables.run import WAITING, Run
from benchmarks.line import NOW
from benchmarks.line_sides import SECRET, Build, Side, side

RUN_TABLE = Run.metadata.tables["run"]
DEEP = 100_000
SIZES = {1: 300, 100: 12}
CLIENTS = {1: 2, 100: 1}
CHUNK = 10_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    given = options.parse_args()
    databases = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    print(json.dumps({kind: measure(kind, 3 if given.quick else 7) for kind in databases}))


def measure(kind: str, repeats: int) -> dict[str, float]:
    """Print the table of one kind of database; returns its shares."""
    with ExitStack() as stack:
        build = Build(NOW, ROOT)
        sides = {name: stack.enter_context(side(build, kind, 1, False)) for name in ("empty", "deep")}
        waiting = {name: _fill(one, DEEP if name == "deep" else 0) for name, one in sides.items()}
        rates: dict[tuple[str, int], list[float]] = {}
        for _ in range(repeats):
            for size, requests in SIZES.items():
                for name, one in sides.items():
                    rate, _ = one.rate(size, requests, CLIENTS[size])
                    rates.setdefault((name, size), []).append(rate)
    medians = {key: statistics.median(found) for key, found in rates.items()}
    print(f"\n{kind}: orders per second, median of {repeats} turns")
    label = f"{waiting['deep']:,} deep"
    print(f"{'batch':>6} {'empty':>10} {label:>14} {'share':>7}")
    for size in SIZES:
        empty, deep = medians["empty", size], medians["deep", size]
        print(f"{size:>6,} {empty:>10,.0f} {deep:>14,.0f} {deep / empty:>6.0%}")
    return {f"share_{size}": round(medians["deep", size] / medians["empty", size], 3) for size in SIZES}


def _fill(one: Side, deep: int) -> int:
    """Let so many runs wait, copies of one the product wrote; returns how many do."""
    app = create_app({"DATABASE_URL": one.url, "SECRET_KEY": SECRET})
    with app.app_context():
        for first in range(1, deep, CHUNK):
            with write() as session:
                _copy(session, first, CHUNK)
        count = sa.select(sa.func.count()).select_from(RUN_TABLE).where(RUN_TABLE.c.state == WAITING)
        waiting = db.session.scalar(count) or 0
        db.session.remove()
        db.engine.dispose()
    return waiting


def _copy(session: Session, first: int, count: int) -> None:
    pattern = session.execute(sa.select(RUN_TABLE).order_by(RUN_TABLE.c.id).limit(1)).mappings().one()
    ids = reserve(session, "run", count)
    places = [{"id": id, "position": first + place} for place, id in enumerate(ids)]
    bulk_write.insert(session, RUN_TABLE, [{**pattern, **place} for place in places])


if __name__ == "__main__":
    main()
