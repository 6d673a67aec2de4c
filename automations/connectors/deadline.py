"""Connections that end at a deadline, however slowly the other side sends."""

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
from typing import Protocol, TypeVar

T = TypeVar("T")

#: Most name look-ups under way at once: one that hangs cannot be stopped, only abandoned.
MOST_LOOKUPS = 64
_lookups = threading.BoundedSemaphore(MOST_LOOKUPS)


class Cut(Protocol):
    """What ends, or lets something end, at a moment."""

    def cut(self) -> None:
        """End it."""


class Deadline:
    """Shuts down the sockets it watches after `seconds`; close it when the work is done."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._connected = False
        cut_at(self._ends, self)

    @property
    def left(self) -> float:
        """Seconds left, at least 0.01: a socket timeout of 0 would mean "do not wait at all"."""
        return max(0.01, self._ends - time.monotonic())

    @property
    def connected(self) -> bool:
        """Whether any connection was established."""
        return self._connected

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._ends

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection down too at the deadline."""
        # TLS detaches the descriptor from the socket it wraps; a duplicate still ends the same connection.
        self._sockets.append(connection.dup())
        self._connected = True
        if self.over:
            self.cut()

    def within(self, look_up: Callable[[], T]) -> T:
        """Return or raise what `look_up` does; raise TimeoutError at the deadline.

        The look-up then goes on in its thread: no resolver can be told to stop.
        """
        if not _lookups.acquire(timeout=self.left):
            raise TimeoutError
        result: Future[T] = Future()
        threading.Thread(target=_answer, args=(result, look_up), daemon=True).start()
        return result.result(timeout=self.left)

    def close(self) -> None:
        """Stop watching."""
        while self._sockets:
            self._sockets.pop().close()

    def cut(self) -> None:
        """Shut down every watched connection."""
        for connection in list(self._sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Watch:
    """One thread for all deadlines of the process: a thread per request cost as much as sending it."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, weakref.ref[Cut]]] = []
        self._places = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, ends: float, deadline: Cut) -> None:
        """Cut `deadline` at the time `ends`, if it is still in use then."""
        with self._changed:
            # A forked process has only the thread that forked it.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            entry = (ends, next(self._places), weakref.ref(deadline))
            heapq.heappush(self._waiting, entry)
            if self._waiting[0] is entry:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            deadline = self._next()
            if deadline:
                deadline.cut()

    def _next(self) -> Cut | None:
        with self._changed:
            now = time.monotonic()
            if self._waiting and self._waiting[0][0] <= now:
                return heapq.heappop(self._waiting)[2]()
            self._changed.wait(self._waiting[0][0] - now if self._waiting else None)
            return None


_WATCH = _Watch()


def cut_at(ends: float, what: Cut) -> None:
    """Cut this at the time `ends` of the monotonic clock, if it is still in use then."""
    _WATCH.add(ends, what)


def _answer(result: Future[T], look_up: Callable[[], T]) -> None:
    try:
        result.set_result(look_up())
    except BaseException as error:
        result.set_exception(error)
    finally:
        _lookups.release()
