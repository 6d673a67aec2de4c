"""Tells a waiting relay that runs were written: a bell within a process, NOTIFY on Postgres."""

from __future__ import annotations

import os
import select
from collections.abc import Collection
from contextlib import suppress

from sqlalchemy.orm import Session

from automations.models.db import base, driver

CHANNEL = "store_automations_runs"

#: A pipe, so that one can wait for it and for something else at once.
_heard, _bell = os.pipe()
for _end in (_heard, _bell):
    os.set_blocking(_end, False)


def on_commit(session: Session) -> None:
    """Wake the relay when the transaction of `session` commits."""
    connection = driver.connection_of(session)
    if connection.dialect.name == "postgresql":
        driver.command(connection, f"NOTIFY {CHANNEL}")
    else:
        base.on_commit(session, wake)


def wait(seconds: float, others: Collection[int] = ()) -> set[int]:
    """Wait up to `seconds` for a wake-up, or until one of the `others` can be read; return those that can.

    They are file descriptors; a wake-up is returned as `BELL`.
    """
    readable = set(select.select([_heard, *others], [], [], max(0.0, seconds))[0])
    if _heard in readable:
        with suppress(BlockingIOError):
            os.read(_heard, 4096)
    return readable


def wake() -> None:
    """Wake the relay of this process."""
    # A full pipe has not been heard yet.
    with suppress(BlockingIOError):
        os.write(_bell, b"!")


BELL = _heard
