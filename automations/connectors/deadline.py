"""Connections that end at a deadline, however slowly the other side talks."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


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

    def close(self) -> None:
        """Watch no longer."""
        self._timer.cancel()
        while self._sockets:
            self._sockets.pop().close()

    def _cut(self) -> None:
        for connection in list(self._sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
