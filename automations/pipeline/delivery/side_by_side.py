"""Sends the requests of a workflow at the same time, those of one record in turn. Part of: perform.

The threads do nothing but call; everything that touches the database stays in the thread of the workflow.
What may leave beside other requests is a request whose attempt is written and whose key makes a second
one harmless. At the first failure of a host nothing more begins: perform does the rest one by one.
"""

from __future__ import annotations

import heapq
import queue
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from automations.actions.shared.action_kind import HTTP
from automations.pipeline.delivery.attempts import Notes, OpenedRun, Reply
from automations.pipeline.runs import claimed_run
from automations.pipeline.runs.claimed_run import Part, RunOutcome

#: What a call brings back for each part of its run.
Replies = list[tuple[Part, Reply]]
#: The place of the next run of a record, and the record's runs from it on.
_Turn = tuple[int, list[tuple[int, OpenedRun]]]
#: More than all workflows of a worker together may have under way.
_MOST = 1000
_threads = ThreadPoolExecutor(_MOST, thread_name_prefix="call")
#: Seconds between two looks at whether results wait to be written.
_LOOK = 0.05
#: Seconds that a free place may wait for others, up to half of them: before anything begins, it is looked
#: whether something stops it, and one look does for all that begin together.
_GATHER = 0.005


class Desk(Protocol):
    """What the workflow does for its runs, in its own thread."""

    @property
    def notes(self) -> Notes:
        """The results, as they come in."""

    def may_begin(self) -> bool:
        """Return whether another run may be begun."""

    def ready(self, runs: Sequence[OpenedRun]) -> list[OpenedRun | RunOutcome]:
        """Return the runs that nothing stops by now, their attempts written, or else their outcomes."""

    def call(self, opened: OpenedRun) -> Replies:
        """Send the parts of the run; in a thread of its own."""


class Calls:
    """The calls of one workflow that are under way."""

    def __init__(self) -> None:
        self._ended: queue.SimpleQueue[tuple[int, Replies | BaseException]] = queue.SimpleQueue()
        self.under_way = 0

    def begin(self, place: int, work: Callable[[], Replies]) -> None:
        """Do `work` in a thread."""
        self.under_way += 1
        _threads.submit(self._do, place, work)

    def next(self, seconds: float) -> tuple[int, Replies | BaseException] | None:
        """Return the place of a call that ended, and what came of it; None if none ends within `seconds`."""
        try:
            ended = self._ended.get(timeout=seconds)
        except queue.Empty:
            return None
        self.under_way -= 1
        return ended

    def _do(self, place: int, work: Callable[[], Replies]) -> None:
        try:
            self._ended.put((place, work()))
        except BaseException as error:
            self._ended.put((place, error))


def send(runs: Sequence[OpenedRun | RunOutcome], at_once: int, desk: Desk) -> dict[int, RunOutcome]:
    """Send what may leave side by side, at most `at_once` at a time; return outcomes by place in `runs`.

    Runs that are missing among them are still to be done.
    """
    turns = _turns(runs)
    if at_once < 2 or len(turns) < 2:
        return {}
    return _Sending(turns, at_once, desk).send()


def noted(opened: OpenedRun, replies: Replies, notes: Notes) -> RunOutcome:
    """Add the results of the parts to the notes; return the outcome of their run."""
    for part, reply in replies:
        if part in opened.outside:
            notes.add(opened, part, reply)
    after = max((reply.after or 0 for _, reply in replies), default=0)
    return claimed_run.outcome_of(opened.run, opened.parts, after or None)


def _turns(runs: Sequence[OpenedRun | RunOutcome]) -> list[list[tuple[int, OpenedRun]]]:
    """Return the runs that may leave beside those of other records, by record, each with its place."""
    turns: defaultdict[tuple[str, int], list[tuple[int, OpenedRun]]] = defaultdict(list)
    ended = set()
    for place, opened in enumerate(runs):
        if isinstance(opened, RunOutcome):
            continue
        record = opened.run.subject, opened.run.record_id
        # After one that has to go alone, the rest of its record follows it.
        if record in ended or not _may_go_beside_others(opened):
            ended.add(record)
        else:
            turns[record].append((place, opened))
    return list(turns.values())


def _may_go_beside_others(opened: OpenedRun) -> bool:
    return opened.begun and opened.keyed and all(part.channel == HTTP for part in opened.outside)


class _Sending:
    def __init__(self, turns: list[list[tuple[int, OpenedRun]]], at_once: int, desk: Desk) -> None:
        self._at_once, self._desk = at_once, desk
        self._calls = Calls()
        self._outcomes: dict[int, RunOutcome] = {}
        #: The next run of each record of which none is under way, those that came first at the front.
        self._next: list[_Turn] = [(turn[0][0], turn) for turn in turns]
        #: By place: the run that is called, and its record's turn.
        self._called: dict[int, tuple[OpenedRun, list[tuple[int, OpenedRun]]]] = {}

    def send(self) -> dict[int, RunOutcome]:
        try:
            while True:
                self._begin()
                if not self._calls.under_way:
                    return self._outcomes
                self._take_in()
        finally:
            # Whatever went wrong here, no call goes on that this workflow does not know of.
            while self._calls.under_way:
                self._calls.next(_LOOK)

    def _begin(self) -> None:
        while turns := self._next_turns():
            asked = self._desk.ready([turn.pop(0)[1] for _, turn in turns])
            for (place, turn), ready in zip(turns, asked, strict=True):
                if isinstance(ready, RunOutcome):
                    self._ended(place, turn, ready)
                else:
                    self._called[place] = ready, turn
                    self._calls.begin(place, partial(self._desk.call, ready))

    def _next_turns(self) -> list[_Turn]:
        """Take the turns out of the line that may begin now, one for each free place."""
        if not self._may_begin():
            return []
        free = max(0, self._at_once - self._calls.under_way)
        return [heapq.heappop(self._next) for _ in range(min(free, len(self._next)))]

    def _may_begin(self) -> bool:
        return not self._desk.notes.alarm and self._desk.may_begin()

    def _take_in(self) -> None:
        """Take in the calls that have ended, so that as many begin together."""
        ended = self._calls.next(_LOOK)
        if ended is None:
            self._desk.notes.write_if_late()
        gathers_until = time.monotonic() + _GATHER
        while ended is not None:
            place, replies = ended
            opened, turn = self._called.pop(place)
            if isinstance(replies, BaseException):
                raise replies
            self._ended(place, turn, noted(opened, replies, self._desk.notes))
            gathers_for = max(0.0, gathers_until - time.monotonic()) if self._may_gather() else 0
            ended = self._calls.next(gathers_for)

    def _may_gather(self) -> bool:
        """Return whether what begins next may wait for more free places."""
        under_way = self._calls.under_way
        return bool(self._next) and under_way > self._at_once / 2 and self._may_begin()

    def _ended(self, place: int, turn: list[tuple[int, OpenedRun]], outcome: RunOutcome) -> None:
        self._outcomes[place] = outcome
        if turn:
            heapq.heappush(self._next, (turn[0][0], turn))
