"""Tells a waiting relay that runs were written: in this process at once, over Postgres by NOTIFY."""

from __future__ import annotations

import threading

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

CHANNEL = "store_automations_runs"

_runs_written = threading.Event()


def on_commit(session: Session) -> None:
    """Wake the relay when the transaction of `session` commits."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"NOTIFY {CHANNEL}"))
    elif not event.contains(session, "after_commit", _wake):
        event.listen(session, "after_commit", _wake, once=True)


def wait(seconds: float) -> None:
    """Sleep until woken, at most `seconds`."""
    _runs_written.wait(seconds)
    _runs_written.clear()


def wake() -> None:
    """Wake the relay of this process."""
    _runs_written.set()


def _wake(_session: Session) -> None:
    wake()
