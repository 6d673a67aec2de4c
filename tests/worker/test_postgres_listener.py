"""The relay notices writes of any process."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db, write
from automations.models.tables.store import Store
from automations.pipeline.runs import relay_signal
from automations.worker.postgres_listener import VISIBLE_AFTER, Listener

LIMIT = 240
#: An unrelated process that writes to the file.
ANOTHER = """
import sys, pysqlite3
connection = pysqlite3.connect(sys.argv[1], timeout=60)
connection.execute("UPDATE store SET currency = 'EUR'")
connection.commit()
"""


def test_writes_of_this_process_are_noticed(app: Flask, bloom: Store) -> None:
    with Listener(app.config["DATABASE_URL"]) as listener:
        with write() as session:
            session.execute(sa.update(Store).values(currency="EUR"))
            relay_signal.on_commit(session)
        assert listener.wait(LIMIT)


def test_writes_of_another_process_are_noticed(app: Flask, bloom: Store) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    db.session.rollback()
    with Listener(app.config["DATABASE_URL"]) as listener:
        while listener.wait(0):
            pass
        subprocess.run([sys.executable, "-c", ANOTHER, str(db.engine.url.database)], check=True)
        assert listener.wait(LIMIT)


def test_without_writes_nothing_is_noticed(app: Flask) -> None:
    with Listener(app.config["DATABASE_URL"]) as listener:
        while listener.wait(0.05):
            pass
        assert not listener.wait(0.05)


def test_a_file_that_nobody_writes_to_is_not_looked_at(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name != "sqlite" or sys.platform != "linux":
        return
    looks: list[int] = []
    look = Listener._read_version

    def counted(listener: Listener) -> int:
        looks.append(1)
        return look(listener)

    with Listener(app.config["DATABASE_URL"]) as listener:
        while listener.wait(VISIBLE_AFTER):
            pass
        monkeypatch.setattr(Listener, "_read_version", counted)
        assert not listener.wait(VISIBLE_AFTER)
    # Before it sleeps, and after.
    assert len(looks) == 2
