"""What was refused, as lines of the log: who tried what without the right, the key or the signature for it.

Rows of the audit would let a stranger fill the database; lines are limited, and what was left out is counted.
"""

from __future__ import annotations

import logging
import threading
import time

from flask import g, request

#: Lines within a minute, of one process.
MOST = 60
MINUTE = 60.0

_log = logging.getLogger(__name__)


class Limited:
    """Lets so many through in a minute, and says afterwards how many it did not."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._began, self._count = 0.0, 0

    def take(self, now: float) -> tuple[bool, int]:
        """Whether one more may be written, and how many of the minute before were not."""
        with self._lock:
            left_out = 0
            if now - self._began >= MINUTE:
                left_out = max(0, self._count - self._most)
                self._began, self._count = now, 0
            self._count += 1
            return self._count <= self._most, left_out


_limited = Limited()


def note(what: str, who: str) -> None:
    """Write that a request was refused. `what` was missing: a role, a key, a scope, a signature, a token."""
    may, left_out = _limited.take(time.monotonic())
    if left_out:
        _log.warning("refused: %d more in the minute before", left_out)
    if may:
        _log.warning("refused: no %s, %s, %s, from %s", what, request.endpoint, who, request.remote_addr)


def person() -> str:
    """Who is signed in, by number."""
    return f"person {g.user.id}" if g.get("user") else "nobody signed in"
