"""Lets one of the threads that come at the same time do the work of all of them. Knows no database.

Whoever comes when nobody works leads, and works at once. Those who come meanwhile wait; when the leader is
done, the first of them leads, and takes along those who wait and fit. Nobody ever waits for others to come.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Outcome = Callable[[], R]

#: Seconds after which someone whom no leader has taken goes on alone.
LONGEST_QUEUE = 15.0
#: Seconds after which someone whom a leader has taken no longer waits for the outcome: longer than the
#: database takes, even if a group is tried anew.
LONGEST_TAKEN = 90.0


class OutcomeUnknown(Exception):
    """A leader took the work and never said what became of it."""


class Seat(Generic[T, R]):
    """One thread with its work, from when it comes until it knows the outcome."""

    __slots__ = ("_gate", "leads", "outcome", "taken", "work")

    def __init__(self, work: T) -> None:
        self.work = work
        self.leads = self.taken = False
        #: Returns or raises what became of the work; None if its thread has to do it alone.
        self.outcome: Outcome[R] | None = None
        self._gate = threading.Lock()
        self._gate.acquire()

    def wake(self) -> None:
        """Let the thread go on."""
        self._gate.release()

    def wait(self, seconds: float) -> bool:
        """Wait until `wake` is called; return whether it was."""
        return self._gate.acquire(timeout=seconds)


class Gathering(Generic[T, R]):
    """The threads whose work can be done together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[Seat[T, R]] = deque()
        self._is_led = False

    def do(
        self,
        work: T,
        lead: Callable[[Party[T, R]], None],
        alone: Callable[[T], R],
        before_waiting: Callable[[], None],
    ) -> R:
        """Return the outcome of `work`, done by this thread or by a leader; raises what doing it raised.

        `lead` sets the outcomes of the members of a group; `alone` does what has none after that.
        """
        seat = Seat[T, R](work)
        with self._lock:
            seat.leads, self._is_led = not self._is_led, True
            if not seat.leads:
                self._queue.append(seat)
        if not seat.leads:
            try:
                before_waiting()
                self._wait(seat)
            except BaseException:
                self._leave(seat)
                raise
        if seat.leads:
            group = Party(self, seat)
            try:
                lead(group)
            finally:
                self._pass_on(group)
        return alone(work) if seat.outcome is None else seat.outcome()

    def _wait(self, seat: Seat[T, R]) -> None:
        """Wait until the seat leads, has an outcome, or has waited too long to be taken."""
        if seat.wait(LONGEST_QUEUE):
            return
        with self._lock:
            if not seat.taken and not seat.leads and seat in self._queue:
                self._queue.remove(seat)
                return
        if not seat.wait(LONGEST_TAKEN):
            raise OutcomeUnknown

    def _leave(self, seat: Seat[T, R]) -> None:
        """Make sure that nobody waits for a thread that goes."""
        with self._lock:
            if seat in self._queue:
                self._queue.remove(seat)
        if seat.leads:
            self._pass_on(Party(self, seat))

    def take(self, fits: Callable[[T], bool]) -> list[Seat[T, R]]:
        """Return those of the queue that fit, in the order in which they came."""
        with self._lock:
            taken = [seat for seat in self._queue if fits(seat.work)]
            for seat in taken:
                seat.taken = True
            self._queue = deque(seat for seat in self._queue if not seat.taken)
        return taken

    def _pass_on(self, group: Party[T, R]) -> None:
        """Let the next one lead, then wake whoever was in the group."""
        with self._lock:
            self._is_led = bool(self._queue)
            following = self._queue.popleft() if self._queue else None
            if following:
                following.leads = True
        if following:
            following.wake()
        for seat in group.others:
            if group.is_open and seat.outcome is None:
                seat.outcome = _unknown
            seat.wake()


class Party(Generic[T, R]):
    """The leader and those it took along."""

    def __init__(self, gathering: Gathering[T, R], leader: Seat[T, R]) -> None:
        self._gathering = gathering
        self._leader = leader
        self.others: list[Seat[T, R]] = []
        #: Whether the work may be done although there are no outcomes: then nobody does theirs again.
        self.is_open = False

    def __iter__(self) -> Iterator[Seat[T, R]]:
        yield self._leader
        yield from self.others

    def take(self, fits: Callable[[T], bool]) -> None:
        """Take along those who wait and fit."""
        self.others += self._gathering.take(fits)


def _unknown() -> NoReturn:
    raise OutcomeUnknown
