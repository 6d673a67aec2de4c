"""Waits for the relay until runs were written, in this process or in another one."""

from __future__ import annotations

import time
from typing import Any

from automations.models.db.base import db
from automations.pipeline.runs import relay_signal

#: Seconds between two checks of the file.
LOOK_AT_FILE = 0.02


class Listener:
    """Waits until runs were written: by NOTIFY on Postgres; on SQLite by an event, or a change of the file.

    On SQLite the web process may be a separate one, and only the file itself shows its writes.
    """

    def __init__(self, url: str) -> None:
        self._postgres = not url.startswith("sqlite")
        self._connection: Any = None

    def __enter__(self) -> Listener:
        options = {"isolation_level": "AUTOCOMMIT"} if self._postgres else {}
        self._engine_connection = db.engine.connect().execution_options(**options)
        self._connection = self._engine_connection.connection.driver_connection
        if self._postgres:
            self._engine_connection.exec_driver_sql(f"LISTEN {relay_signal.CHANNEL}")
        else:
            self._version = self._read_version()
        return self

    def __exit__(self, *_: object) -> None:
        self._engine_connection.invalidate()
        self._engine_connection.close()

    def wait(self, seconds: float) -> bool:
        """Return whether anything was written within `seconds`."""
        if not self._postgres:
            return self._wait_for_change(seconds)
        woken = any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))
        # Many notifications at once count as one.
        for _ in self._connection.notifies(timeout=0):
            pass
        return woken

    def _wait_for_change(self, seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            woken, before = relay_signal.wait(LOOK_AT_FILE), self._version
            self._version = self._read_version()
            if woken or self._version != before:
                return True
        return False

    def _read_version(self) -> int:
        """Return a number that changes when another connection has committed."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
