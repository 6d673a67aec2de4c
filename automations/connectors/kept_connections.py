"""Connections that stay open for a moment, so that the next request to the same host need not open one.

Each store has its own: what one sends never shares a connection with what another does. Part of: egress.
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from typing import NamedTuple

from automations.connectors import deadline
from automations.connectors.checked_connection import CheckedConnection
from automations.connectors.host_allowlist import Allowed

#: The most connections a process keeps while nobody uses them.
MOST = 100


class Whose(NamedTuple):
    """For whom a connection is kept, and where it leads."""

    keeper: str
    scheme: str
    host: str
    port: int | None


class KeptConnections:
    """The idle connections of this process, those used last first."""

    def __init__(self) -> None:
        self._idle: defaultdict[Whose, list[CheckedConnection]] = defaultdict(list)
        self._count = 0
        self._lock = threading.Lock()
        #: When `cut` comes next.
        self._swept_at = math.inf

    def take(self, whose: Whose, allowed: Allowed) -> CheckedConnection | None:
        """Return a connection that may still serve, for the caller alone, or None."""
        while True:
            with self._lock:
                connections = self._idle.get(whose)
                if not connections:
                    return None
                connection = connections.pop()
                self._count -= 1
                if not connections:
                    del self._idle[whose]
            if connection.may_serve(allowed):
                return connection
            connection.close()

    def keep(self, whose: Whose, connection: CheckedConnection) -> None:
        """Keep a connection that has rested since now; close it if there are too many."""
        with self._lock:
            has_room = self._count < MOST
            if has_room:
                self._idle[whose].append(connection)
                self._count += 1
                self._sweep_later(connection.idle_until)
        if not has_room:
            connection.close()

    def cut(self) -> None:
        """Close what has been idle for too long."""
        now, ended = time.monotonic(), []
        with self._lock:
            self._swept_at = math.inf
            for whose, connections in list(self._idle.items()):
                ended += [one for one in connections if one.idle_until <= now]
                left = [one for one in connections if one.idle_until > now]
                if left:
                    self._idle[whose] = left
                    self._sweep_later(min(one.idle_until for one in left))
                else:
                    del self._idle[whose]
            self._count -= len(ended)
        for connection in ended:
            connection.close()

    def close_all(self) -> None:
        """Close all of them."""
        with self._lock:
            connections = [one for kept in self._idle.values() for one in kept]
            self._idle.clear()
            self._count = 0
        for connection in connections:
            connection.close()

    def _sweep_later(self, ends: float) -> None:
        if ends < self._swept_at:
            self._swept_at = ends
            deadline.cut_at(ends, self)
