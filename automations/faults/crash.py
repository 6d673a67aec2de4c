"""Places where tests kill the process to prove that it recovers; inactive unless CRASH_AT names one.

`CRASH_AT=record.settled:3` kills the process with SIGKILL the third time it reaches that place.
"""

from __future__ import annotations

import os
import signal
import threading

_lock = threading.Lock()
_wanted = ""
_left = 0


def arm(where: str) -> None:
    """Set the place from the value of CRASH_AT, "name:n"; "" disarms. Raises ValueError."""
    global _wanted, _left  # one setting for the whole process, like CRASH_AT itself
    name, _, times = where.partition(":")
    if name and not (times.isdecimal() and int(times)):
        raise ValueError("CRASH_AT is a place and a number, such as record.settled:3.")
    _wanted, _left = name, int(times or 0)


def at(name: str) -> None:
    """Mark a place where the process can be killed."""
    if _wanted and name == _wanted:
        _pass()


def _pass() -> None:
    global _left
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
