"""Connections that end at a deadline, however slowly the other side talks."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import socket
import threading
import time
import weakref
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
        _WATCH.add(self._ends, self)

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
            self.cut()

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
        while self._sockets:
            self._sockets.pop().close()

    def cut(self) -> None:
        """End every connection watched now."""
        for connection in list(self._sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Watch:
    """One thread that cuts all deadlines of the process: one for each request cost as much as its sending."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, weakref.ref[Deadline]]] = []
        self._places = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, ends: float, deadline: Deadline) -> None:
        """Cut it when the time comes, if it is still in use then."""
        with self._changed:
            # A process that was forked has no threads but the one that forked it.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            first = (ends, next(self._places), weakref.ref(deadline))
            heapq.heappush(self._waiting, first)
            if self._waiting[0] is first:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            found = self._next()
            if found:
                found.cut()

    def _next(self) -> Deadline | None:
        with self._changed:
            now = time.monotonic()
            if self._waiting and self._waiting[0][0] <= now:
                return heapq.heappop(self._waiting)[2]()
            self._changed.wait(self._waiting[0][0] - now if self._waiting else None)
            return None


_WATCH = _Watch()


def _answer(found: Future[T], look_up: Callable[[], T]) -> None:
    try:
        found.set_result(look_up())
    except BaseException as error:
        found.set_exception(error)
    finally:
        _lookups.release()
