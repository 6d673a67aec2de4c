"""Receives the requests of a store that are under way at the same moment in one transaction.

Before: the requests, read and checked in their own threads. After: take_records. A request that comes alone
is received alone; see gathering. Each has its own key, cause, answer and refusal; if anything else goes
wrong, none is stored, and each is received alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeAlias
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.faults import crash
from automations.models.access import api_authentication
from automations.models.access.api_authentication import current_store
from automations.models.db.base import CommitUnknown, db, free_connection, run_in_write
from automations.models.tables.store import Store
from automations.pipeline.evaluation.evaluate import StoreEvaluator
from automations.pipeline.intake import gathering, idempotency, representation, take_records, vocabulary_cache
from automations.pipeline.intake.gathering import Gathering, Outcome
from automations.pipeline.intake.idempotency import KeyUsed, StoredAnswer
from automations.pipeline.intake.intake_task import Company, IntakeTask, NotThere, Outdated
from automations.pipeline.records.change import Received, Sender

Lane: TypeAlias = Gathering[IntakeTask, StoredAnswer]
Party: TypeAlias = gathering.Party[IntakeTask, StoredAnswer]
#: By database, then by store and subject.
_lanes: WeakKeyDictionary[sa.Engine, dict[tuple[int, str], Lane]] = WeakKeyDictionary()


def take(task: IntakeTask) -> StoredAnswer:
    """Write what a task asks, once per key, in a transaction of its own or of several; return its answer.

    Raises NotThere, KeyUsed and Outdated, and what `run_in_write` raises.
    """
    if task.chain:
        return take_alone(task)
    lanes, key = _lanes.setdefault(db.engine, {}), (task.store_id, task.subject)
    lane = lanes.get(key) or lanes.setdefault(key, Lane())
    try:
        # Whoever waits must not keep a connection: there are more threads than connections.
        return lane.do(task, take_group, take_alone, before_waiting=free_connection)
    except gathering.OutcomeUnknown as error:
        raise CommitUnknown("Nobody said what became of a transaction of several requests.") from error


def take_alone(task: IntakeTask) -> StoredAnswer:
    """Write what one task asks in a transaction of its own."""
    return run_in_write(lambda session: _alone(session, task))


def take_group(group: Party) -> None:
    """Write what the leader of the group asks, and those it can take along, in one transaction."""

    def work(session: Session) -> list[Outcome[StoredAnswer]]:
        group.is_open = False
        store = current_store(session, leader.work.store_id)
        if not group.others:
            group.take(_fitting(session, store, leader.work))
        crash.at("intake.gathered")
        if group.others:
            outcomes = take_together(session, store, [seat.work for seat in group])
        else:
            outcomes = [_returning(_alone(session, leader.work, store))]
        group.is_open = True
        return outcomes

    leader = next(iter(group))
    try:
        outcomes = run_in_write(work)
    except Exception as error:
        # Once the work was done, only an error of the database says that it is not stored.
        group.is_open = group.is_open and not isinstance(error, sa.exc.DBAPIError)
        if group.is_open or not group.others:
            raise
        return
    crash.at("intake.committed")
    for seat, outcome in zip(group, outcomes, strict=True):
        seat.outcome = outcome


def take_together(session: Session, store: Store, tasks: Sequence[IntakeTask]) -> list[Outcome[StoredAnswer]]:
    """Write what all of the tasks ask, inside write(), and return the outcome of each.

    They have to be company for each other. It is as if they had come one after the other, first those that
    change customers.
    """
    now = dt.datetime.now(dt.UTC)
    outcomes: dict[IntakeTask, Outcome[StoredAnswer]] = _outdated(session, store, tasks, now)
    outcomes |= _answered_before(session, store, [task for task in tasks if task not in outcomes])
    outcomes |= _without_record(session, store, [task for task in tasks if task not in outcomes])
    open_tasks = sorted((task for task in tasks if task not in outcomes), key=_customers_first)
    keyed = [(task, task.key) for task in open_tasks if task.key]
    rows = idempotency.begin(session, store.id, [key for _, key in keyed], now) if keyed else []
    crash.at("intake.keys_written")
    answers = _receive(session, store, open_tasks, now) if open_tasks else {}
    idempotency.end(session, rows, [answers[task] for task, _ in keyed])
    crash.at("intake.received")
    outcomes |= {task: _returning(answer) for task, answer in answers.items()}
    return [outcomes[task] for task in tasks]


def _alone(session: Session, task: IntakeTask, store: Store | None = None) -> StoredAnswer:
    now = dt.datetime.now(dt.UTC)
    store = store or current_store(session, task.store_id)
    if _outdated(session, store, [task], now):
        raise Outdated
    cause = task.chain(session, task.cause) if task.chain else task.cause

    def work() -> StoredAnswer:
        if task.existing and not representation.existing(session, store, task.subject, [task.existing]):
            raise NotThere
        words = vocabulary_cache.words_of(session, store)
        received = take_records.take(
            session, store, task.subject, task.items, cause, now, words, task.message
        )
        return task.say(session, store, received)

    return idempotency.answer_once(session, store.id, task.key, now, work)


def _fitting(session: Session, store: Store, leader: IntakeTask) -> Callable[[IntakeTask], bool]:
    """Return a function that says of one task after the other whether it fits with those before."""
    segments = StoreEvaluator(session, store.id, store.ruleset).rules.segments
    company = Company(leader.subject, segments)
    return company.admit if company.admit(leader) else lambda _: False


def _outdated(
    session: Session, store: Store, tasks: Sequence[IntakeTask], now: dt.datetime
) -> dict[IntakeTask, Outcome[StoredAnswer]]:
    """Return the refusals of the tasks that were read for a key or store that is not as it was then."""
    callers = {task: task.caller for task in tasks if task.caller}
    current = api_authentication.current(session, store, set(callers.values()), now) if callers else set()
    return {task: _raising(Outdated()) for task, caller in callers.items() if caller not in current}


def _answered_before(
    session: Session, store: Store, tasks: Sequence[IntakeTask]
) -> dict[IntakeTask, Outcome[StoredAnswer]]:
    """Return the outcomes of the tasks whose key was used before: the answer again, or a refusal."""
    keys = [task.key for task in tasks if task.key]
    known = idempotency.used(session, store.id, keys)
    outcomes: dict[IntakeTask, Outcome[StoredAnswer]] = {}
    for task in tasks:
        if task.key and task.key.key in known:
            try:
                outcomes[task] = _returning(known[task.key.key].answer_to(task.key))
            except KeyUsed as error:
                outcomes[task] = _raising(error)
    return outcomes


def _without_record(
    session: Session, store: Store, tasks: Sequence[IntakeTask]
) -> dict[IntakeTask, Outcome[StoredAnswer]]:
    """Return the refusals of the tasks whose record is not in this store."""
    wanted = {task: task.existing for task in tasks if task.existing}
    there = representation.existing(session, store, tasks[0].subject, wanted.values()) if wanted else set()
    return {task: _raising(NotThere()) for task, number in wanted.items() if number not in there}


def _customers_first(task: IntakeTask) -> bool:
    return not task.writes_customers


def _receive(
    session: Session, store: Store, tasks: Sequence[IntakeTask], now: dt.datetime
) -> dict[IntakeTask, StoredAnswer]:
    items = []
    for task in tasks:
        sender = Sender(task.cause, task.message)
        items += [item.copy(sender) for item in task.items]
    words, subject = vocabulary_cache.words_of(session, store), tasks[0].subject
    received = iter(take_records.take(session, store, subject, items, tasks[0].cause, now, words))
    results: dict[IntakeTask, list[Received]] = {task: [next(received) for _ in task.items] for task in tasks}
    return {task: task.say(session, store, of_task) for task, of_task in results.items()}


def _returning(answer: StoredAnswer) -> Outcome[StoredAnswer]:
    return lambda: answer


def _raising(error: Exception) -> Outcome[StoredAnswer]:
    def refuse() -> NoReturn:
        raise error

    return refuse
