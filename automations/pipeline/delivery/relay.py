"""Turns due runs into durable workflows, in one transaction. Before: outbox. After: claim."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from dbos import EnqueueOptions
from sqlalchemy.orm import Session

from automations.faults import crash
from automations.models.db.fast_select import Lookup, Row, RowChange, in_list
from automations.models.settings import call_limits
from automations.models.settings.call_limits import CallLimits
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import HAS_DEATHS, QUEUED, RUNNING, UNINDEXED_STATE, WAITING, Run
from automations.pipeline.delivery import circuit_breaker, poison_runs, surge_gate
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.runs import run_ordering, store_hold
from automations.pipeline.runs.run_ordering import Turn, UnderWay

QUEUE = "runs"
WORKFLOW = "perform_runs"
#: A fixed name: workflows begun by one release are finished by the next.
APP_VERSION = "1"
LOOK = 200
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
_IS_DUE = sa.and_(Run.state == WAITING, Run.due_at <= _NOW, store_hold.may_leave())
_ANY_DUE = Lookup(lambda _: sa.select(Run.id).where(_IS_DUE).limit(1))
#: The lane of a run with its store, as `_Lanes.full_of_stores` writes it.
_LANE_OF_STORE = sa.cast(Run.store_id, sa.Text) + " " + Run.lane


def _first_come(dialect: str) -> sa.Select[Any]:
    columns = sa.select(Run.id, Run.deaths, *run_ordering.TURN)
    due = surge_gate.asked(columns.join(Run.evaluation).join(Evaluation.occurrence)).where(
        _IS_DUE,
        sa.not_(in_list(Run.lane, "full_lanes", dialect)),
        sa.not_(in_list(_LANE_OF_STORE, "full_of_stores", dialect)),
        sa.not_(in_list(Run.id, "suspects", dialect)),
    )
    return due.order_by(Run.due_at, Run.id).limit(sa.bindparam("room", type_=sa.Integer))


_FIRST_COME = Lookup(_first_come)
_DIED = Lookup(lambda _: sa.select(Run.id, Run.deaths).where(HAS_DEATHS, _IS_DUE))
_QUEUE = RowChange(
    lambda dialect: (
        sa.update(Run)
        .where(in_list(Run.id, "run_ids", dialect), UNINDEXED_STATE == WAITING)
        .values(state=QUEUED, workflow_id=sa.bindparam("workflow"))
    )
)

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
    barred = _barred(session, under_way, watched, now)
    for group, run_ids in _grouped(_due(session, lanes, barred, room, now)):
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
    return _ANY_DUE.first(session, now=now) is not None


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

    def full(self) -> list[str]:
        """Return the hosts that get no other workflow of any store now."""
        return [lane for lane in self.of_all if self.is_full_for_all(lane)]

    def full_of_stores(self) -> list[str]:
        """Return the hosts that get no other workflow of a store now, each with the store."""
        return [f"{store_id} {lane}" for store_id, lane in self.of_store if self.is_full(store_id, lane)]


_USUAL = CallLimits()


def _lanes(session: Session, under_way: Sequence[UnderWay]) -> _Lanes:
    lanes = _Lanes(Counter(), Counter(), call_limits.of_stores(session))
    workflows = {(run.turn.store_id, run.turn.lane, run.workflow_id) for run in under_way if run.turn.lane}
    for store_id, lane, _ in workflows:
        lanes.add(store_id, lane)
    return lanes


class _Barred(NamedTuple):
    """The turns of which no run may be queued now, and the suspects that have to wait themselves."""

    busy: set[Turn]
    suspects: list[int]


def _barred(session: Session, under_way: Sequence[UnderWay], watched: bool, now: dt.datetime) -> _Barred:
    """`watched`: a suspect is under way; together, innocent suspects would die with the guilty one."""
    busy = {run.turn for run in under_way}
    if not watched:
        return _Barred(busy, [])
    died = _DIED.rows(session, now=now)
    suspects = [row["id"] for row in died if poison_runs.is_suspect(row["deaths"])]
    # Suspects stay in line, and so do the runs after them.
    return _Barred(busy | set(run_ordering.turns_of(session, suspects)), suspects)


def _due(session: Session, lanes: _Lanes, barred: _Barred, room: int, now: dt.datetime) -> Iterable[_Due]:
    """Return the runs to queue now, `room` at most: the first of each turn of which none is under way."""
    full = {"full_lanes": lanes.full(), "full_of_stores": lanes.full_of_stores()}
    rows = _FIRST_COME.rows(session, now=now, room=room, suspects=barred.suspects, **full)
    # After they were read: whatever fired since is counted with them.
    held = surge_gate.held(session, rows, now)
    rows = [row for row in rows if row["id"] not in held]
    locked = _locked(session, [row["id"] for row in rows], now)
    by_turn: dict[Turn, list[Row]] = {}
    for row in rows:
        by_turn.setdefault(run_ordering.turn_of(row), []).append(row)
    all_due = [_first(turn, rows, locked) for turn, rows in by_turn.items() if turn not in barred.busy]
    return [due for due in all_due if due.run_ids]


def _first(turn: Turn, rows: Iterable[Row], locked: Collection[int]) -> _Due:
    """Return the first runs of a turn that may share a workflow: those after one that has to wait wait too.

    Trap: what was due first need not come first, as a wait for a host ends for all at the same moment.
    """
    rows = sorted(rows, key=itemgetter("id"))
    due = _Due(_group(turn, rows[0]), [])
    for row in rows:
        if row["id"] not in locked or _group(turn, row) != due.group:
            break
        due.run_ids.append(row["id"])
    return due


def _group(turn: Turn, row: Row) -> _Group:
    suspect = row["id"] if poison_runs.is_suspect(row["deaths"]) else 0
    return _Group(turn.store_id, turn.kind, turn.lane, suspect)


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
    _QUEUE.execute(session, [{"run_ids": run_ids, "workflow": workflow_id}])
    crash.at("relay.marked")
    options: EnqueueOptions = {
        "queue_name": QUEUE,
        "workflow_name": WORKFLOW,
        "workflow_id": workflow_id,
        "app_version": APP_VERSION,
    }
    client.enqueue_in_transaction(session, options, run_ids)
    crash.at("relay.enqueued")
