"""The fires that are too long for every day: a line for each, and it ends with 1 if anything did not hold.

python -m tests.kit.long_fire [--events 50000] [--kills 1000] [--seeds 3] [--database both]
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from flask import Flask

from app import create_app
from automations.models.base import db, write
from tests import world
from tests.kit.databases import PostgresDatabases, SqliteDatabases, postgres_url
from tests.kit.under_fire import burn

#: Changes of each order.
CHANGES = 20
LIMIT = 3600.0


def main() -> int:
    """Run what was asked for."""
    asked = _arguments()
    kinds = ("sqlite", "postgres") if asked.database == "both" else (asked.database,)
    wrong: list[str] = []
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", flush=True)
    for kind in kinds:
        for seed in range(1, asked.seeds + 1):
            with tempfile.TemporaryDirectory() as folder, new_shop(kind, Path(folder)) as app:
                wrong += _fire(app, Path(folder), seed, asked)
    print("\n".join(wrong[:50]) or "Everything held.", flush=True)
    return int(bool(wrong))


def _fire(app: Flask, folder: Path, seed: int, asked: argparse.Namespace) -> list[str]:
    left = burn(app, folder, seed, asked.events // CHANGES, CHANGES, asked.kills, LIMIT)
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(left.states.items()))
    print(
        f"{db.engine.dialect.name}, seed {seed}: {left.acknowledged:,} changes acknowledged, "
        f"{left.kills:,} kills, {left.seconds:.0f} s; runs: {states}; {left.effects:,} effects, "
        f"{left.repeated} repeated calls with a known key; broken: {len(left.wrong)}",
        flush=True,
    )
    return left.wrong


@contextmanager
def new_shop(kind: str, folder: Path) -> Iterator[Flask]:
    """The application on a new database with the small world, in its context."""
    databases = SqliteDatabases(folder) if kind == "sqlite" else PostgresDatabases(postgres_url())
    told = {"SECRET_KEY": "only-for-fires-" * 4, "DATABASE_URL": databases.url, "DATA_FOLDER": str(folder)}
    app = create_app({**told, "ARGON2": world.CHEAP})
    try:
        with app.app_context():
            flask_migrate.upgrade()
            with write() as session:
                world.build(session)
            yield app
            db.session.remove()
            db.engine.dispose()
    finally:
        if isinstance(databases, PostgresDatabases):
            databases.drop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
