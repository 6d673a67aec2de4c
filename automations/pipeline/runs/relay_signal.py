"""Tells a waiting relay that runs were written: an event within a process, NOTIFY on Postgres."""

from __future__ import annotations

import threading

from sqlalchemy.orm import Session

from automations.models.db import base, driver

CHANNEL = "store_automations_runs"

_runs_written = threading.Event()


def on_commit(session: Session) -> None:
    """Wake the relay when the transaction of `session` commits."""
    connection = driver.connection_of(session)
    if connection.dialect.name == "postgresql":
        driver.command(connection, f"NOTIFY {CHANNEL}")
    else:
        base.on_commit(session, wake)


def wait(seconds: float) -> bool:
    """Wait up to `seconds` for a wake-up; return whether one came."""
    woken = _runs_written.wait(seconds)
    _runs_written.clear()
    return woken


def wake() -> None:
    """Wake the relay of this process."""
    _runs_written.set()
