"""Waits for the relay until runs were written, in this process or in another one."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from automations.models.db.base import db
from automations.models.db.database import sqlite_path
from automations.pipeline.runs import relay_signal
from automations.worker.file_watch import FileWatch

#: Seconds between two checks of the file.
LOOK_AT_FILE = 0.02
#: A commit writes to the file before others can see it: seconds for which to look after a write, at first
#: more often.
VISIBLE_AFTER, AT_ONCE, LOOK_AT_ONCE = 0.5, 0.02, 0.001


class Listener:
    """Waits until runs were written: by NOTIFY on Postgres; on SQLite by a bell, or a change of the file.

    On SQLite the web process may be a separate one, and only the file itself shows its writes. Where the
    system tells that a file was written to, nothing is looked at until it does.
    """

    def __init__(self, url: str) -> None:
        self._postgres = not url.startswith("sqlite")
        self._path = sqlite_path(url)
        self._connection: Any = None
        self._watch: FileWatch | None = None
        self._rung = False
        self._written = -math.inf

    def __enter__(self) -> Listener:
        options = {"isolation_level": "AUTOCOMMIT"} if self._postgres else {}
        self._engine_connection = db.engine.connect().execution_options(**options)
        self._connection = self._engine_connection.connection.driver_connection
        if self._postgres:
            self._engine_connection.exec_driver_sql(f"LISTEN {relay_signal.CHANNEL}")
        else:
            self._version = self._read_version()
            # The journal exists, and stays the same file, while this connection is open.
            self._watch = FileWatch(Path(f"{self._path}-wal"))
        return self

    def __exit__(self, *_: object) -> None:
        if self._watch:
            self._watch.close()
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
        while not self._has_changed():
            left = ends - time.monotonic()
            if left <= 0:
                return False
            self._sleep(min(left, self._until_next_look()))
        return True

    def _has_changed(self) -> bool:
        before, rung = self._version, self._rung
        self._version, self._rung = self._read_version(), False
        return rung or self._version != before

    def _until_next_look(self) -> float:
        if self._watch is None or self._watch.descriptor is None:
            return LOOK_AT_FILE
        since = time.monotonic() - self._written
        if since < AT_ONCE:
            return LOOK_AT_ONCE
        return LOOK_AT_FILE if since < VISIBLE_AFTER else math.inf

    def _sleep(self, seconds: float) -> None:
        watched = self._watch.descriptor if self._watch else None
        woken = relay_signal.wait(seconds, () if watched is None else (watched,))
        self._rung = relay_signal.BELL in woken
        if self._watch and watched in woken:
            self._watch.drain()
            self._written = time.monotonic()

    def _read_version(self) -> int:
        """Return a number that changes when another connection has committed."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
