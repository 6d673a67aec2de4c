"""Writes attempts before anything leaves, and their results afterwards. Part of: perform.

Requests are safe to repeat, because each carries its key: the attempts of a workflow are begun in one
transaction and noted a few at a time. Any other channel has a transaction between two messages, which notes
the one and begins the other: an attempt begun and not noted when the program dies is uncertain, and a person
has to decide, so there must not be two.
A worker that slept past its claim begins and notes nothing: its number is not the run's latest.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import HTTP
from automations.connectors.connector_set import Connectors
from automations.connectors.host_allowlist import host_of
from automations.faults import crash
from automations.models.db.base import run_in_write
from automations.models.db.fast_select import RowChange
from automations.models.tables.run import Attempt
from automations.pipeline.delivery import circuit_breaker, closed_endpoints, last_look, may_send
from automations.pipeline.delivery.previous_responses import NotYet
from automations.pipeline.runs import claimed_run, fence
from automations.pipeline.runs.claimed_run import ClaimedRun, Part

T = TypeVar("T")

TABLE = Attempt.metadata.tables["attempt"]
#: Seconds that the result of a keyed attempt may wait, to be written with those of its workflow-mates.
TOGETHER = 0.25

_RUN: sa.BindParameter[int] = sa.bindparam("of_run")
_NUMBER: sa.BindParameter[int] = sa.bindparam("of_number")
#: Once another worker has claimed the run, this one may not change its attempts any more.
_MINE = (TABLE.c.run_id == _RUN, TABLE.c.number == _NUMBER, fence.is_latest_try(_RUN, _NUMBER))
_TOLD = ("result", "detail", "answer", "provider_id")
_NOTE = RowChange(
    lambda _: (
        sa.update(TABLE)
        .where(*_MINE, TABLE.c.part == sa.bindparam("of_part"))
        .values({name: sa.bindparam(name) for name in (*_TOLD, "finished_at")})
    )
)
_REWRITE = RowChange(
    lambda _: (
        sa.update(TABLE)
        .where(*_MINE, TABLE.c.part == sa.bindparam("of_part"))
        .values(prepared=sa.bindparam("prepared"))
    )
)
_BEGUN = ("run_id", "part", "number", "result", "prepared", "started_at")
_BEGIN = RowChange(lambda _: sa.insert(TABLE).values({name: sa.bindparam(name) for name in _BEGUN}).inline())
_FORGET = RowChange(lambda _: sa.delete(TABLE).where(*_MINE))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider's answer says besides the result: seconds to wait, whether its host is down or gone."""

    after: int | None = None
    down: bool = False
    gone: bool = False
    answered: bool = False


@dataclass(slots=True)
class OpenedRun:
    """A run that is about to be sent, its parts, and whether its attempts are written."""

    run: ClaimedRun
    parts: list[Part]
    connectors: Connectors
    begun: bool = False
    #: When it began to be sent.
    left_at: dt.datetime | None = None
    #: The parts still to be sent, and those of them that go to other systems.
    to_send: list[Part] = field(init=False)
    outside: list[Part] = field(init=False)
    #: Whether all of those may be sent twice, because their keys make them take effect once.
    keyed: bool = field(init=False)

    def __post_init__(self) -> None:
        self.to_send = [part for part in self.parts if part.result == claimed_run.STARTED]
        connector = {part.part: self.connectors.of(part.channel) for part in self.to_send}
        self.outside = [part for part in self.to_send if connector[part.part].outside]
        self.keyed = all(connector[part.part].keyed for part in self.outside)

    def host(self, part: Part) -> str:
        """Return the host that gets this part: that of its URL, or else of its connector."""
        url = str((part.prepared.get("extra") or {}).get("url") or "")
        return host_of(url) if part.channel == HTTP else self.connectors.of(part.channel).host

    def hosts(self) -> set[str]:
        """Return the hosts that get a part; "" for a connector without one."""
        return {self.host(part) for part in self.outside}


def begin_all(runs: Sequence[OpenedRun], now: dt.datetime) -> None:
    """Write the attempts of these runs in one transaction, and mark the runs as begun.

    Runs whose host must not be called now, or that are no longer ours, are left out.
    """

    def work(session: Session, seen: _LockedRuns) -> list[OpenedRun]:
        ours = [opened for opened in runs if opened.run.run_id in seen.ours]
        leaving = [opened for opened in ours if _hosts_answer(session, opened, seen.failing, now)]
        _insert(session, leaving, now)
        return leaving

    for opened in _in_write(runs, work) if runs else ():
        opened.begun = True


def begin_claimed(session: Session, runs: Sequence[OpenedRun], now: dt.datetime) -> None:
    """`begin_all` in the transaction that claims the runs. If that fails, open them anew."""
    failing = circuit_breaker.failing_among(session, _all_hosts(runs))
    leaving = [opened for opened in runs if _hosts_answer(session, opened, failing, now)]
    _insert(session, leaving, now)
    for opened in leaving:
        opened.begun = True


class Begun(Enum):
    """What became of beginning a run."""

    YES = auto()
    #: It is no longer ours.
    LOST = auto()
    #: Something may have stopped it since it was claimed.
    STOPPED = auto()


def begin(opened: OpenedRun, now: dt.datetime, notes: Notes, *, looks: bool = True) -> Begun:
    """Write the attempts of the run with the results in `notes`, unless the last look finds something.

    Raises Skipped if its address is closed, NotYet if its host must not be called now.
    """

    def work(session: Session, seen: _LockedRuns) -> Begun:
        if opened.run.run_id not in seen.ours:
            return Begun.LOST
        if looks and last_look.may_be_stopped(session, [opened.run], now):
            return Begun.STOPPED
        store_id = opened.run.store_id
        failing = [host for host in opened.hosts() if (store_id, host) in seen.failing]
        may_send.may_send(session, opened.run, failing, now)
        _insert(session, [opened], now)
        return Begun.YES

    if opened.begun or not opened.outside:
        opened.begun = True
        return Begun.YES
    # What may leave depends on those results, so they are written first.
    begun = _in_write([opened], work, notes)
    opened.begun = begun is Begun.YES
    return begun


@dataclass(frozen=True, slots=True)
class _LockedRuns:
    """What a transaction found when it locked its runs."""

    #: Those of the runs to be begun that are still ours.
    ours: set[int]
    #: The hosts that failed last time, of (store id, host).
    failing: set[tuple[int, str]]


def _in_write(
    runs: Sequence[OpenedRun], work: Callable[[Session, _LockedRuns], T], notes: Notes | None = None
) -> T:
    """Do `work` in a write that may be repeated after a database error, as nothing has left yet.

    What `notes` collected is written in the same one.
    """
    may_be_stored = False

    def once(session: Session, seen: _LockedRuns) -> T:
        nonlocal may_be_stored
        if may_be_stored:
            _FORGET.execute(session, [_whose(opened) for opened in runs])
        # If the table refuses a row, another worker has begun the same try: that worker's row must stay.
        result = work(session, seen)
        may_be_stored = True
        return result

    if notes:
        return notes.begin_with(runs, once)
    return run_in_write(lambda session: once(session, _see(session, runs)), repeatable=True)


def _see(session: Session, runs: Sequence[OpenedRun], noted: Sequence[OpenedRun] = ()) -> _LockedRuns:
    """Lock the runs to be begun and those that were `noted`; look at the former and at the hosts of all."""
    # In the order of every change of runs: the run first, then what hangs on it.
    tries = {opened.run.run_id: opened.run.number for opened in runs}
    ours = fence.still_ours(session, tries, {opened.run.run_id for opened in noted})
    return _LockedRuns(ours, circuit_breaker.failing_among(session, _all_hosts([*runs, *noted])))


class Notes:
    """Collects the results of the attempts of one workflow and writes them in that order."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._noted: list[tuple[OpenedRun, Part, Reply, dt.datetime]] = []
        self._forgotten: list[dict[str, Any]] = []
        self._rewritten: list[dict[str, Any]] = []
        #: When the first of these was added, on the monotonic clock.
        self._waits_since = math.inf
        #: Whether a host failed or an address was gone: from then on each run is checked before it leaves.
        self.alarm = False

    def add(self, opened: OpenedRun, part: Part, reply: Reply, *, is_last: bool = True) -> None:
        """Add the result of a part of a run, perhaps its last one.

        Where sending it again would do harm, it is written before anything else leaves: with the attempt of
        the next run, or with the outcomes of the workflow.
        """
        if not self._noted:
            self._waits_since = time.monotonic()
        self._noted.append((opened, part, reply, self._clock()))
        self.alarm = self.alarm or reply.down or reply.gone
        if self.alarm or not (opened.keyed or is_last):
            self.write()
        else:
            self.write_if_late()

    def rewrite(self, opened: OpenedRun, parts: Sequence[Part]) -> None:
        """Write what these parts say by now, with the next results."""
        begun = [part for part in parts if part in opened.outside]
        self._rewritten += [
            _whose(opened) | {"of_part": part.part, "prepared": part.prepared} for part in begun
        ]

    def write_if_late(self) -> None:
        """Write what has waited long enough for more to come."""
        if time.monotonic() - self._waits_since > TOGETHER:
            self.write()

    def forget(self, opened: OpenedRun) -> None:
        """Undo the begin of a run: a later workflow takes it, with the same number."""
        if opened.begun:
            self._forgotten.append(_whose(opened))
        opened.begun = False

    def write(self) -> None:
        """Write what was collected, in one transaction."""
        if self._noted or self._forgotten:
            self.write_with(lambda _: None)

    def write_with(self, work: Callable[[Session], T]) -> T:
        """Write what was collected and do `work` in one transaction, which may be repeated."""
        return self.begin_with((), lambda session, _: work(session))

    def begin_with(self, runs: Sequence[OpenedRun], work: Callable[[Session, _LockedRuns], T]) -> T:
        """`write_with`, and let `work` see what was found when these runs were locked."""

        def both(session: Session) -> T:
            noted = [opened for opened, *_ in self._noted]
            seen = _see(session, runs, noted) if runs or noted else _LockedRuns(set(), set())
            self._write(session, seen)
            return work(session, seen)

        result = run_in_write(both, repeatable=True)
        if self._noted or self._forgotten:
            crash.at("attempt.noted")
        for _, part, *_ in self._noted:
            part.answer = None
        self._noted, self._forgotten, self._rewritten, self._waits_since = [], [], [], math.inf
        return result

    def _write(self, session: Session, seen: _LockedRuns) -> None:
        if self._noted:
            _NOTE.execute(session, [_told(*noted) for noted in self._noted])
        if self._rewritten:
            _REWRITE.execute(session, self._rewritten)
        for _, part, *_ in self._noted:
            part.kept = True
        if self._forgotten:
            _FORGET.execute(session, self._forgotten)
        for opened, part, reply, now in self._noted:
            where = opened.run.store_id, opened.host(part)
            if where[1] and reply.down:
                circuit_breaker.failed(session, *where, part.detail, now, opened.left_at)
                seen.failing.add(where)
            elif reply.answered and where in seen.failing:
                circuit_breaker.answered(session, *where, now)
                seen.failing.discard(where)
            if reply.gone:
                closed_endpoints.close(session, opened.run, now)


def _all_hosts(runs: Sequence[OpenedRun]) -> set[tuple[int, str]]:
    """Return the hosts that get a part of one of the runs, each with its store."""
    return {(opened.run.store_id, host) for opened in runs for host in opened.hosts() if host}


def _hosts_answer(
    session: Session, opened: OpenedRun, failing: set[tuple[int, str]], now: dt.datetime
) -> bool:
    store_id = opened.run.store_id
    try:
        hosts = (host for host in opened.hosts() if (store_id, host) in failing)
        may_send.hosts_answer(session, store_id, hosts, now)
    except NotYet:
        return False
    return True


def _insert(session: Session, runs: Sequence[OpenedRun], now: dt.datetime) -> None:
    crash.at("attempt.prepared")
    rows = [_row(opened.run, part, now) for opened in runs for part in opened.outside]
    if rows:
        _BEGIN.execute(session, rows)


def _whose(opened: OpenedRun) -> dict[str, Any]:
    return {"of_run": opened.run.run_id, "of_number": opened.run.number}


def _row(run: ClaimedRun, part: Part, now: dt.datetime) -> dict[str, Any]:
    row = {"run_id": run.run_id, "part": part.part, "number": run.number, "result": claimed_run.STARTED}
    return row | {"prepared": part.prepared, "started_at": now}


def _told(opened: OpenedRun, part: Part, _reply: Reply, now: dt.datetime) -> dict[str, Any]:
    whose = _whose(opened) | {"of_part": part.part}
    return whose | {name: getattr(part, name) for name in _TOLD} | {"finished_at": now}
