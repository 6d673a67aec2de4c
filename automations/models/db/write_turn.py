"""Turns of those who write to a SQLite database: the threads of a process, and the processes of a machine.

SQLite has one writer at a time, and its own busy handler sleeps longer and longer, up to 100 ms, before it
looks again. Whoever waits for a turn here looks every half a millisecond. Turns only save time: whoever waits
too long, or cannot lock the file, goes on without one, and the database decides.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

if sys.platform != "win32":
    import fcntl

#: The permissions of the file: for its owner only.
MODE = 0o600
#: Seconds to wait for a turn.
LONGEST_TURN = 10.0
#: Seconds between two looks at a file that another process has locked.
LOOK_EVERY = 0.0005


class WriteTurns:
    """The turns of one database file; None has turns only among threads."""

    def __init__(self, path: Path | None) -> None:
        self._path = path.with_name(f"{path.name}-turn") if path else None
        self._threads = threading.Lock()
        self._file = -1
        #: Whose descriptor that is: a forked process would share the lock of its parent.
        self._pid = 0

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Wait for a turn and keep it; yield whether other processes wait for it too."""
        ends = time.monotonic() + LONGEST_TURN
        has_turn = self._threads.acquire(timeout=LONGEST_TURN)
        try:
            is_locked = has_turn and self._lock(ends)
            try:
                yield is_locked
            finally:
                if is_locked:
                    _unlock(self._file)
        finally:
            if has_turn:
                self._threads.release()

    def _lock(self, ends: float) -> bool:
        if self._path is None:
            return False
        try:
            if self._pid != os.getpid():
                self._open(self._path)
            while not _may_lock(self._file):
                if time.monotonic() > ends:
                    return False
                time.sleep(LOOK_EVERY)
        except OSError:
            return False
        return True

    def _open(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
        self._pid = os.getpid()
        weakref.finalize(self, os.close, self._file)


_turns: weakref.WeakKeyDictionary[sa.Engine, WriteTurns] = weakref.WeakKeyDictionary()


def among_processes(engine: sa.Engine, path: Path | None) -> None:
    """Let the processes that write to this file take turns too, not only the threads of each."""
    _turns[engine] = WriteTurns(path)


def turns_of(engine: sa.Engine) -> WriteTurns:
    """Return the turns of the database behind this engine."""
    return _turns.get(engine) or _turns.setdefault(engine, WriteTurns(None))


def _may_lock(file: int) -> bool:
    """Lock the file if nobody else has. Raises OSError where files cannot be locked."""
    if sys.platform == "win32":
        raise OSError("Files are locked differently here.")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(file: int) -> None:
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_UN)
