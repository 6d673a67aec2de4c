"""Load tests too long for every day: prints a line for each; exits with 1 if an invariant was broken.

python -m tests.kit.fire.long_fire [--events 50000] [--kills 1000] [--seeds 3] [--database both]
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app import create_app
from automations.models.db import schema
from automations.models.db.base import db, write
from tests import world
from tests.kit.databases import PostgresDatabases, SqliteDatabases, postgres_url
from tests.kit.fire.under_fire import run_load_test

#: Changes of each order.
CHANGES = 20
LIMIT = 3600.0


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    arguments = _arguments()
    kinds = ("sqlite", "postgres") if arguments.database == "both" else (arguments.database,)
    violations: list[str] = []
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", flush=True)
    for kind in kinds:
        for seed in range(1, arguments.seeds + 1):
            with tempfile.TemporaryDirectory() as folder, new_shop(kind, Path(folder)) as app:
                violations += _fire(app, Path(folder), seed, arguments)
    print("\n".join(violations[:50]) or "Everything held.", flush=True)
    return int(bool(violations))


def _fire(app: Flask, folder: Path, seed: int, arguments: argparse.Namespace) -> list[str]:
    report = run_load_test(app, folder, seed, arguments.events // CHANGES, CHANGES, arguments.kills, LIMIT)
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(report.states.items()))
    print(
        f"{db.engine.dialect.name}, seed {seed}: {report.acknowledged:,} changes acknowledged, "
        f"{report.kills:,} kills, {report.seconds:.0f} s; runs: {states}; {report.effects:,} effects, "
        f"{report.repeated} repeated calls with a known key; broken: {len(report.wrong)}",
        flush=True,
    )
    return report.wrong


@contextmanager
def new_shop(kind: str, folder: Path) -> Iterator[Flask]:
    """Yield the application on a new database with the small world, in its context."""
    databases = SqliteDatabases(folder) if kind == "sqlite" else PostgresDatabases(postgres_url())
    settings = {
        "SECRET_KEY": "only-for-fires-" * 4,
        "DATABASE_URL": databases.url,
        "DATA_FOLDER": str(folder),
    }
    app = create_app({**settings, "ARGON2": world.CHEAP})
    try:
        with app.app_context():
            schema.upgrade()
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
