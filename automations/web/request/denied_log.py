"""Log lines for refused requests: who tried what without the role, key or signature for it.

As rows of the audit, they would let a stranger fill the database. Log lines are limited in number, and those
left out are counted.
"""

from __future__ import annotations

import logging
import threading
import time

from flask import g, request

#: Lines per minute and process.
MOST = 60
MINUTE = 60.0

_log = logging.getLogger(__name__)


class LineLimit:
    """Lets `most` lines through in a minute, and counts the rest."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._began, self._count = 0.0, 0

    def take(self, now: float) -> tuple[bool, int]:
        """Return (whether one more line may be written, lines left out in the minute before).

        `now` is in seconds.
        """
        with self._lock:
            left_out = 0
            if now - self._began >= MINUTE:
                left_out = max(0, self._count - self._most)
                self._began, self._count = now, 0
            self._count += 1
            return self._count <= self._most, left_out


_limit = LineLimit()


def log(what: str, who: str) -> None:
    """Log that a request was refused because `what` was missing: a role, key, scope, signature or token."""
    allowed, left_out = _limit.take(time.monotonic())
    if left_out:
        _log.warning("refused: %d more in the minute before", left_out)
    if allowed:
        _log.warning("refused: no %s, %s, %s, from %s", what, request.endpoint, who, request.remote_addr)


def person() -> str:
    """Return who is signed in, by number only."""
    return f"person {g.user.id}" if g.get("user") else "nobody signed in"
