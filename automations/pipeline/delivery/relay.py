"""Turns due runs into durable workflows, in one transaction. Before: outbox. After: claim."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from dbos import EnqueueOptions
from sqlalchemy.orm import Session

from automations.faults import crash
from automations.models.db.fast_select import Lookup
from automations.models.settings import call_limits
from automations.models.settings.call_limits import CallLimits
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import HAS_DEATHS, QUEUED, RUNNING, WAITING, Run
from automations.pipeline.delivery import circuit_breaker, poison_runs, surge_gate
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.runs import run_ordering, store_hold
from automations.pipeline.runs.run_ordering import Turn, UnderWay

QUEUE = "runs"
WORKFLOW = "perform_runs"
#: A fixed name: workflows begun by one release are finished by the next.
APP_VERSION = "1"
LOOK = 400
#: The most runs queued at once: those that wait as rows can still be paused, postponed and kept in order.
AHEAD = 2000
#: The share of that for which there has to be room, for another round to be worth it.
ROOM = 0.2
#: The advisory lock of the worker that relays.
LOCK = 0x5AFE0001
#: The most runs that share a workflow: one each gave 66 actions a second on SQLite, twenty 1,393.
TOGETHER = 20
#: The same of marketing, of which nobody waits for the first: a quarter of the time of twenty was spent on
#: their workflow.
MARKETING_TOGETHER = 40


_NOW: sa.BindParameter[dt.datetime] = sa.bindparam("now", type_=Run.due_at.type)
_ANY_DUE = Lookup(lambda _: sa.select(Run.id).where(Run.state == WAITING, Run.due_at <= _NOW).limit(1))

_HOW_MANY = Lookup(
    lambda _: sa.select(sa.func.count(Run.id).label("under_way")).where(
        sa.or_(Run.state == QUEUED, Run.state == RUNNING)
    )
)


class Enqueuing(Protocol):
    """What the relay needs of the workflow library's client."""

    def enqueue_in_transaction(self, session: Any, options: EnqueueOptions, /, *arguments: Any) -> object:
        """Queue a workflow in the transaction of `session`."""


def relay(session: Session, client: Enqueuing, now: dt.datetime) -> int:
    """Queue the runs that are due, LOOK at most; return how many. Call it inside `write()`."""
    if not _alone(session):
        return 0
    circuit_breaker.hold_back(session, now)
    surge_gate.hold_back(session, now)
    if not _has_room(session):
        return 0
    # Read before what is due: a run put back in between has to show up in one of the two.
    under_way = run_ordering.under_way(session)
    lanes = _lanes(session, under_way)
    watched, queued = any(poison_runs.is_suspect(run.deaths) for run in under_way), 0
    room = min(LOOK, max(0, AHEAD - len(under_way)))
    for group, run_ids in _grouped(
        _due(session, _may_go(session, lanes, under_way, watched, now), room, now)
    ):
        if lanes.is_full(group.store_id, group.lane) or (group.suspect and watched):
            continue
        lanes.add(group.store_id, group.lane)
        watched = watched or bool(group.suspect)
        queued += len(run_ids)
        _queue(session, client, run_ids)
    return queued


def _has_room(session: Session) -> bool:
    """Return whether there is room for as many runs as are worth a round: it reads all that are under way.

    Whatever it does not queue now would wait behind those in any case.
    """
    row = _HOW_MANY.first(session)
    return row is None or AHEAD - row["under_way"] > AHEAD * ROOM


def has_due(session: Session, now: dt.datetime) -> bool:
    """Return whether there may be something to relay."""
    if store_hold.is_one_open(session):
        return session.execute(sa.select(Run.id).where(_is_due(session, now)).limit(1)).first() is not None
    return _ANY_DUE.first(session, now=now) is not None


def _is_due(session: Session, now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Run.state == WAITING, Run.due_at <= now, store_hold.may_leave(session))


class _Group(NamedTuple):
    """What the runs of one workflow have in common: with store and kind their provider, and their host."""

    store_id: int
    kind: str
    lane: str
    #: The id of the run if it is a suspect, else 0: it goes alone, so that no other run shares its worker.
    suspect: int


class _Due(NamedTuple):
    """Runs of one record that are done one after the other."""

    group: _Group
    run_ids: list[int]


def _alone(session: Session) -> bool:
    """Return whether no other worker relays now: two could put one record's runs into two workflows."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))))


@dataclass(slots=True)
class _Lanes:
    """The workflows under way for each host, and how many there may be."""

    #: By host, those of all stores; by store and host, those of one.
    of_all: Counter[str]
    of_store: Counter[tuple[int, str]]
    limits: Mapping[int, CallLimits]

    def is_full(self, store_id: int, lane: str) -> bool:
        """Return whether the host gets no other workflow of this store now."""
        if not lane:
            return False
        most = self.limits.get(store_id, _USUAL).workflows(lane)
        return self.of_store[store_id, lane] >= most or self.of_all[lane] >= max(most, call_limits.WORKFLOWS)

    def add(self, store_id: int, lane: str) -> None:
        """Count one more."""
        self.of_all[lane] += 1
        self.of_store[store_id, lane] += 1

    def is_full_for_all(self, lane: str) -> bool:
        """Return whether the host gets no other workflow of any store now."""
        most = max([call_limits.WORKFLOWS, *(limits.workflows(lane) for limits in self.limits.values())])
        return self.of_all[lane] >= most


_USUAL = CallLimits()


def _lanes(session: Session, under_way: Sequence[UnderWay]) -> _Lanes:
    lanes = _Lanes(Counter(), Counter(), call_limits.of_stores(session))
    workflows = {(run.turn.store_id, run.turn.lane, run.workflow_id) for run in under_way if run.turn.lane}
    for store_id, lane, _ in workflows:
        lanes.add(store_id, lane)
    return lanes


class _MayGo(NamedTuple):
    """Which due runs may be queued now, and whose turn it is not."""

    which: sa.ColumnElement[bool]
    busy: set[Turn]


def _may_go(
    session: Session, lanes: _Lanes, under_way: Sequence[UnderWay], watched: bool, now: dt.datetime
) -> _MayGo:
    """`watched`: a suspect is under way; together, innocent suspects would die with the guilty one."""
    due = _is_due(session, now)
    busy = {run.turn for run in under_way}
    which = sa.and_(due, *(sa.not_(pair) for pair in _full(lanes)))
    if watched:
        died = session.execute(sa.select(Run.id, Run.deaths).where(HAS_DEATHS, due))
        suspects = [id for id, deaths in died if poison_runs.is_suspect(deaths)]
        # Suspects stay in line, and so do the runs after them.
        busy |= set(run_ordering.turns_of(session, suspects))
        which = sa.and_(which, Run.id.not_in(suspects))
    return _MayGo(which, busy)


def _full(lanes: _Lanes) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions for the runs whose host gets no other workflow now."""
    always = [lane for lane in lanes.of_all if lanes.is_full_for_all(lane)]
    if always:
        yield Run.lane.in_(always)
    for store_id, lane in lanes.of_store:
        if lane not in always and lanes.is_full(store_id, lane):
            yield sa.and_(Run.store_id == store_id, Run.lane == lane)


def _due(session: Session, may_go: _MayGo, room: int, now: dt.datetime) -> Iterable[_Due]:
    """Return the runs to queue now, `room` at most: the first of each turn of which none is under way."""
    columns = sa.select(Run.id, Run.deaths, *run_ordering.TURN)
    first_come = surge_gate.asked(columns.join(Run.evaluation).join(Evaluation.occurrence))
    rows = session.execute(first_come.where(may_go.which).order_by(Run.due_at, Run.id).limit(room)).all()
    # After they were read: whatever fired since is counted with them.
    held = surge_gate.held(session, rows, now)
    rows = [row for row in rows if row.id not in held]
    busy, locked = set(may_go.busy), _locked(session, [row.id for row in rows], now)
    by_turn: dict[Turn, _Due] = {}
    for row in rows:
        turn = Turn(row.store_id, row.kind, row.lane, row.subject, row.record_id)
        group = _Group(row.store_id, row.kind, row.lane, row.id if poison_runs.is_suspect(row.deaths) else 0)
        first = by_turn.setdefault(turn, _Due(group, []))
        if row.id in locked and turn not in busy and first.group == group:
            first.run_ids.append(row.id)
        else:
            # The runs after one that has to wait wait as well.
            busy.add(turn)
    for due in by_turn.values():
        due.run_ids.sort()
    return [due for due in by_turn.values() if due.run_ids]


def _locked(session: Session, run_ids: list[int], now: dt.datetime) -> set[int]:
    """Lock those of these runs that nobody else is changing at this moment, and return their ids."""
    if session.get_bind().dialect.name == "sqlite":
        return set(run_ids)
    # Waiting for the others could deadlock with a transaction that changes many runs in another order.
    still_due = sa.and_(Run.id.in_(run_ids), Run.state == WAITING, Run.due_at <= now)
    return set(session.scalars(sa.select(Run.id).where(still_due).with_for_update(skip_locked=True)))


def _grouped(due: Iterable[_Due]) -> Iterator[tuple[_Group, list[int]]]:
    by_group: dict[_Group, list[list[int]]] = defaultdict(list)
    for group, run_ids in due:
        by_group[group].append(run_ids)
    for group, turns_of_group in by_group.items():
        most = MARKETING_TOGETHER if group.kind in MARKETING else TOGETHER
        together: list[int] = []
        for run_ids in turns_of_group:
            together += run_ids
            if len(together) >= most:
                yield group, together
                together = []
        if together:
            yield group, together


def _queue(session: Session, client: Enqueuing, run_ids: list[int]) -> None:
    workflow_id = str(uuid.uuid4())
    waiting = sa.and_(Run.id.in_(run_ids), Run.state == WAITING)
    session.execute(
        sa.update(Run).where(waiting).values(state=QUEUED, workflow_id=workflow_id),
        execution_options={"synchronize_session": False},
    )
    crash.at("relay.marked")
    options: EnqueueOptions = {
        "queue_name": QUEUE,
        "workflow_name": WORKFLOW,
        "workflow_id": workflow_id,
        "app_version": APP_VERSION,
    }
    client.enqueue_in_transaction(session, options, run_ids)
    crash.at("relay.enqueued")
