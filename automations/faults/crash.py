"""Places where tests kill the program, to prove that it recovers. Nothing happens unless CRASH_AT names one.

`CRASH_AT=record.settled:3` ends the process the third time it passes there, as `kill -9` would.
"""

from __future__ import annotations

import os
import signal
import threading

_lock = threading.Lock()
_wanted = ""
_left = 0


def arm(where: str) -> None:
    """Take the word of CRASH_AT, "name:n"; "" is nowhere. Raises ValueError."""
    global _wanted, _left  # a setting of the process, like the environment it comes from
    name, _, times = where.partition(":")
    if name and not (times.isdecimal() and int(times)):
        raise ValueError("CRASH_AT is a place and a number, such as record.settled:3.")
    _wanted, _left = name, int(times or 0)


def at(name: str) -> None:
    """The program may be killed here."""
    if _wanted and name == _wanted:
        _pass()


def _pass() -> None:
    global _left
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
