"""Increments a number by reading and writing it: `python -m tests.kit.fire.counting url times [careless]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask

from automations.models.db import base, driver
from automations.models.db.base import db, run_in_write
from automations.models.db.database import engine_options, prepare_engine

TABLE = "CREATE TABLE counted (id INTEGER PRIMARY KEY, number INTEGER)"


def count(session: sa.orm.Session) -> None:
    """Read the number, then write the number plus one."""
    number = session.scalar(sa.text("SELECT number FROM counted"))
    session.execute(sa.text("UPDATE counted SET number = :number"), {"number": (number or 0) + 1})


def _careless(connection: sa.Connection, sql: str) -> None:
    _command(connection, "BEGIN" if sql == "BEGIN IMMEDIATE" else sql)


@contextmanager
def _no_turn(session: sa.orm.Session) -> Iterator[None]:
    yield


_command = driver.command


def main(url: str, times: int, careless: bool) -> None:
    """Count `times` times; with `careless`, without BEGIN IMMEDIATE and turns."""
    if careless:
        driver.command = _careless
        base._turn = _no_turn
    app = Flask(__name__)
    app.config |= {"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": engine_options(url)}
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        for _ in range(times):
            # Read first, as a page does.
            db.session.scalar(sa.text("SELECT number FROM counted"))
            run_in_write(count)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), "careless" in sys.argv[3:])
