"""How the relay hears that runs were written, in this process or in another one. Before: relay."""

from __future__ import annotations

import time
from typing import Any

from automations.models.base import db
from automations.pipeline import wakeup

#: Seconds between two looks at the file.
LOOK_AT_FILE = 0.02


class Listener:
    """Waits until runs were written: NOTIFY on Postgres; on SQLite an event, or that the file has changed.

    There the web process may be another one, and nothing but the file itself tells of it.
    """

    def __init__(self, url: str) -> None:
        self._postgres = not url.startswith("sqlite")
        self._connection: Any = None

    def __enter__(self) -> Listener:
        options = {"isolation_level": "AUTOCOMMIT"} if self._postgres else {}
        self._engine_connection = db.engine.connect().execution_options(**options)
        self._connection = self._engine_connection.connection.driver_connection
        if self._postgres:
            self._engine_connection.exec_driver_sql(f"LISTEN {wakeup.CHANNEL}")
        else:
            self._version = self._read_version()
        return self

    def __exit__(self, *_: object) -> None:
        self._engine_connection.invalidate()
        self._engine_connection.close()

    def wait(self, seconds: float) -> bool:
        """Whether anything was written within so many seconds."""
        if not self._postgres:
            return self._wait_for_change(seconds)
        woken = any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))
        # Of many at once one is enough.
        for _ in self._connection.notifies(timeout=0):
            pass
        return woken

    def _wait_for_change(self, seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            woken, before = wakeup.wait(LOOK_AT_FILE), self._version
            self._version = self._read_version()
            if woken or self._version != before:
                return True
        return False

    def _read_version(self) -> int:
        """A number that changes when another connection has committed."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
