"""Attempts on the disk before anything leaves, and what became of them after. Part of: perform.

Where a second try is safe, because every request carries its key, the attempts of a workflow are begun in
one transaction, and noted a few at a time. Any other channel has a transaction before and one after each
message: what was begun and not noted when the program dies is uncertain, and a person has to decide.
A worker that slept past its time begins nothing and notes nothing: its number is not the run's latest.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.base import HTTP
from automations.connectors.allowed import host_of
from automations.connectors.registry import Connectors
from automations.faults import crash
from automations.models.base import in_write
from automations.models.run import Attempt
from automations.pipeline import breaker, endpoints, fence, job, may_send
from automations.pipeline.answers import NotYet
from automations.pipeline.job import Job, Part

T = TypeVar("T")

TABLE = Attempt.metadata.tables["attempt"]
#: Seconds that what came of a keyed attempt may wait for its workflow-mates.
TOGETHER = 0.25

_RUN: sa.BindParameter[int] = sa.bindparam("of_run")
_NUMBER: sa.BindParameter[int] = sa.bindparam("of_number")
#: Once another worker has settled what this one began, nothing that comes after may change it.
_MINE = (TABLE.c.run_id == _RUN, TABLE.c.number == _NUMBER, fence.is_latest_try(_RUN, _NUMBER))
_TOLD = ("result", "detail", "answer", "provider_id")
_NOTE = sa.update(TABLE).where(*_MINE, TABLE.c.part == sa.bindparam("of_part"))
_NOTE = _NOTE.values({name: sa.bindparam(name) for name in (*_TOLD, "finished_at")})
_FORGET = sa.delete(TABLE).where(*_MINE)


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider let us know beside the result of the part."""

    after: int | None = None
    down: bool = False
    gone: bool = False
    answered: bool = False


@dataclass(slots=True)
class Opened:
    """A run that is about to be done, its parts, and whether its attempts are written."""

    job: Job
    parts: list[Part]
    connectors: Connectors
    begun: bool = False
    #: What is still to be sent, and what of it leaves the shop.
    to_send: list[Part] = field(init=False)
    outside: list[Part] = field(init=False)
    #: Whether all of that may be sent twice: its key makes it one.
    keyed: bool = field(init=False)

    def __post_init__(self) -> None:
        self.to_send = [part for part in self.parts if part.result == job.STARTED]
        connector = {part.part: self.connectors.of(part.channel) for part in self.to_send}
        self.outside = [part for part in self.to_send if connector[part.part].outside]
        self.keyed = all(connector[part.part].keyed for part in self.outside)

    def host(self, part: Part) -> str:
        """The host that gets this part: of its URL, or the one of its connector."""
        url = str((part.prepared.get("extra") or {}).get("url") or "")
        return host_of(url) if part.channel == HTTP else self.connectors.of(part.channel).host

    def hosts(self) -> set[str]:
        """The hosts that get a part, "" among them for a connector without one."""
        return {self.host(part) for part in self.outside}


def begin_all(opened: Sequence[Opened], now: dt.datetime) -> None:
    """Write down together that these are about to leave.

    Left out is whose host is not to be called now, and what is not ours any more.
    """
    tries = {one.job.run_id: one.job.number for one in opened}

    def work(session: Session) -> list[Opened]:
        ours = fence.still_ours(session, tries)
        found = [one for one in opened if one.job.run_id in ours and _hosts_answer(session, one, now)]
        _insert(session, found, now)
        return found

    for one in _in_write(opened, work) if opened else ():
        one.begun = True


def begin(one: Opened, now: dt.datetime) -> bool:
    """Write down that this one is about to leave, if it still is ours: whether it is.

    Raises Skipped where its address is switched off, NotYet where its host is not to be called now.
    """

    def work(session: Session) -> bool:
        if not fence.is_still_ours(session, one.job.run_id, one.job.number):
            return False
        may_send.may_send(session, one.job, one.hosts(), now)
        _insert(session, [one], now)
        return True

    if not one.begun:
        one.begun = not one.outside or _in_write([one], work)
    return one.begun


def _in_write(opened: Sequence[Opened], work: Callable[[Session], T]) -> T:
    """Again where nobody knows whether it was stored, or the database is away: nothing has left yet."""
    may_be_stored = False

    def once(session: Session) -> T:
        nonlocal may_be_stored
        if may_be_stored:
            session.connection().execute(_FORGET, [_whose(one) for one in opened])
        # Where the table refuses it, another worker has begun the same try: that one is not forgotten.
        result = work(session)
        may_be_stored = True
        return result

    return in_write(once, repeatable=True)


class Notes:
    """What became of the attempts of one workflow, in the order in which it did."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._noted: list[tuple[Opened, Part, Said, dt.datetime]] = []
        self._forgotten: list[dict[str, Any]] = []
        self._written = time.monotonic()
        #: Whether a host failed or an address was gone: from then on each run asks for itself.
        self.alarm = False

    def add(self, one: Opened, part: Part, said: Said) -> None:
        """Remember what came of a part; written at once unless it could be sent again without harm."""
        self._noted.append((one, part, said, self._clock()))
        self.alarm = self.alarm or said.down or said.gone
        if self.alarm or not one.keyed or time.monotonic() - self._written > TOGETHER:
            self.write()

    def forget(self, one: Opened) -> None:
        """It was not begun after all: a later workflow takes it, with the same number."""
        if one.begun:
            self._forgotten.append(_whose(one))
        one.begun = False

    def write(self) -> None:
        """Write down what is remembered, in one transaction."""
        if self._noted or self._forgotten:
            in_write(self._write, repeatable=True)
            crash.at("attempt.noted")
        for _, part, *_ in self._noted:
            part.kept, part.answer = True, None
        self._noted, self._forgotten, self._written = [], [], time.monotonic()

    def _write(self, session: Session) -> None:
        if self._noted:
            session.connection().execute(_NOTE, [_told(*noted) for noted in self._noted])
        if self._forgotten:
            session.connection().execute(_FORGET, self._forgotten)
        well: set[tuple[int, str]] = set()
        for one, part, said, now in self._noted:
            where = one.job.store_id, one.host(part)
            if where[1] and said.down:
                breaker.failed(session, *where, part.detail, now)
                well.discard(where)
            elif where[1] and said.answered and where not in well:
                breaker.answered(session, *where, now)
                well.add(where)
            if said.gone:
                endpoints.close(session, one.job, now)


def _hosts_answer(session: Session, one: Opened, now: dt.datetime) -> bool:
    try:
        may_send.hosts_answer(session, one.job.store_id, one.hosts(), now)
    except NotYet:
        return False
    return True


def _insert(session: Session, opened: Sequence[Opened], now: dt.datetime) -> None:
    crash.at("attempt.prepared")
    rows = [_row(one.job, part, now) for one in opened for part in one.outside]
    if rows:
        session.connection().execute(sa.insert(TABLE), rows)


def _whose(one: Opened) -> dict[str, Any]:
    return {"of_run": one.job.run_id, "of_number": one.job.number}


def _row(one: Job, part: Part, now: dt.datetime) -> dict[str, Any]:
    row = {"run_id": one.run_id, "part": part.part, "number": one.number, "result": job.STARTED}
    return row | {"prepared": part.prepared, "started_at": now}


def _told(one: Opened, part: Part, _said: Said, now: dt.datetime) -> dict[str, Any]:
    whose = _whose(one) | {"of_part": part.part}
    return whose | {name: getattr(part, name) for name in _TOLD} | {"finished_at": now}
