"""Connections that stay open for a moment, so that the next message to the same host need not open one.

Each store has its own: what one sends never shares a connection with what another does.
Part of: egress, smtp.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from automations.connectors import deadline

#: The most connections of one kind that a process keeps while nobody uses them.
MOST = 100


class Whose(NamedTuple):
    """For whom a connection is kept, and where it leads."""

    keeper: str
    scheme: str
    host: str
    port: int | None


class Keepable(Protocol):
    """A connection that may rest until a moment of the monotonic clock."""

    idle_until: float

    def leave(self) -> None:
        """Close it, as its protocol has it."""


C = TypeVar("C", bound=Keepable)


class KeptConnections(Generic[C]):
    """The idle connections of this process, those used last first."""

    def __init__(self) -> None:
        self._forget()
        # Two processes must not talk through one connection.
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._idle: defaultdict[Whose, list[C]] = defaultdict(list)
        self._count = 0
        self._lock = threading.Lock()
        #: When `cut` comes next.
        self._swept_at = math.inf

    def take(self, whose: Whose, may_serve: Callable[[C], bool]) -> C | None:
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
            if may_serve(connection):
                return connection
            connection.leave()

    def keep(self, whose: Whose, connection: C) -> None:
        """Keep a connection that has rested since now; close it if there are too many."""
        with self._lock:
            has_room = self._count < MOST
            if has_room:
                self._idle[whose].append(connection)
                self._count += 1
                self._sweep_later(connection.idle_until)
        if not has_room:
            connection.leave()

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
            connection.leave()

    def close_all(self) -> None:
        """Close all of them."""
        with self._lock:
            connections = [one for kept in self._idle.values() for one in kept]
            self._idle.clear()
            self._count = 0
        for connection in connections:
            connection.leave()

    def _sweep_later(self, ends: float) -> None:
        if ends < self._swept_at:
            self._swept_at = ends
            deadline.cut_at(ends, self)
