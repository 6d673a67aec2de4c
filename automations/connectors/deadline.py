"""Connections that end at a deadline, however slowly the other side talks."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

#: Look-ups that may be under way at once; one that hangs cannot be ended, only left behind.
MOST_LOOKUPS = 64
_lookups = threading.BoundedSemaphore(MOST_LOOKUPS)


class Deadline:
    """Cuts the sockets it watches when `seconds` are over; close it when the work is done."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._connected = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        """Seconds left, never below a hundredth: a timeout of 0 would mean "do not wait at all"."""
        return max(0.01, self._ends - time.monotonic())

    @property
    def connected(self) -> bool:
        """Whether a connection came about at all."""
        return self._connected

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._ends

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection too when the time comes."""
        # TLS takes the descriptor away from the socket it wraps: a copy still ends the same connection.
        self._sockets.append(connection.dup())
        self._connected = True
        if self.over:
            self._cut()

    def within(self, look_up: Callable[[], T]) -> T:
        """What `look_up` gives or raises; TimeoutError when the time is over first.

        It goes on behind our back then: no resolver can be told to stop.
        """
        if not _lookups.acquire(timeout=self.left):
            raise TimeoutError
        found: Future[T] = Future()
        threading.Thread(target=_answer, args=(found, look_up), daemon=True).start()
        return found.result(timeout=self.left)

    def close(self) -> None:
        """Watch no longer."""
        self._timer.cancel()
        while self._sockets:
            self._sockets.pop().close()

    def _cut(self) -> None:
        for connection in list(self._sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _answer(found: Future[T], look_up: Callable[[], T]) -> None:
    try:
        found.set_result(look_up())
    except BaseException as error:
        found.set_exception(error)
    finally:
        _lookups.release()
