"""A model of the run queue that draws events in any order: orders, workers, people, time.

The database and the code that works on it are real. The workers, the world outside and the workflow library
live in one thread, so that a worker can pause or die at any named place while others go on.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
)

from automations.models.db.base import db, run_in_write, write
from automations.models.tables.run import FAILED, QUEUED, RUNNING, UNKNOWN, WAITING
from automations.pipeline.delivery import attempts, opening, perform, settle, side_by_side
from automations.pipeline.delivery.relay import relay
from automations.worker import recovery
from tests.kit.outside.counted_effects import ANSWERS, CountingProviders
from tests.kit.queue.logical_workers import DEATHS, Library, LogicalWorker, Workflow
from tests.kit.queue.one_thread import CallsOfOneThread
from tests.kit.queue.queue_checks import Checks
from tests.kit.queue.queue_shop import STARTS, STATUSES, Shop

MOST_WORKERS = 4
#: Order number -> number of its customer.
ORDERS = {"1": "C-1", "2": "C-9"}
#: More stops than any workflow has.
MOST_STOPS = 1000
#: Weighted so that automations are on more often than off; otherwise nothing would happen.
MINDS = ("switch", "edit", "archive", "take over", "owner leaves", "archive", "erase", "all well", "all well")

#: Rounds that bring everything to its end, and the time that passes in each.
ROUNDS, LONG = 40, dt.timedelta(hours=13)

#: The name of an event and its arguments.
Step = tuple[str, dict[str, Any]]

_some = st.integers(0, 9)
_said = st.lists(st.sampled_from(ANSWERS), max_size=4)
#: Events with weights and arguments. Without weights the library tends to leave out whole kinds.
HAPPENINGS: dict[str, tuple[int, dict[str, st.SearchStrategy[Any]]]] = {
    "an_order_changes": (
        3,
        {
            "number": st.sampled_from(sorted(ORDERS)),
            "status": st.sampled_from(STATUSES),
            "relayed": st.booleans(),
        },
    ),
    "time_passes": (
        3,
        {"seconds": st.sampled_from([0, 10, 700, 50_000]), "swept": st.booleans(), "relayed": st.booleans()},
    ),
    "somebody_has_another_mind": (
        3,
        {
            "what": st.sampled_from(MINDS),
            "name": st.sampled_from(sorted(STARTS)),
            "customer": st.sampled_from(sorted(ORDERS.values())),
        },
    ),
    "somebody_decides": (2, {"which": _some, "how": st.sampled_from(["arrived", "again"])}),
    "a_worker_goes_on": (
        8,
        {"which": _some, "stops": st.sampled_from([1, 2, 2, 3, 4, 5, 9, MOST_STOPS]), "said": _said},
    ),
    "a_worker_dies": (2, {"which": _some, "where": st.sampled_from(["", *DEATHS]), "said": _said}),
    "a_worker_is_told_to_stop": (1, {"which": _some}),
    "a_workflow_is_taken_away": (3, {"which": _some, "fails": st.booleans()}),
}


def happening(machine: QueueModel) -> st.SearchStrategy[Step]:
    """Return a strategy for the events that can happen to this model."""
    return _happening(machine.may_happen)


@lru_cache
def _happening(may_happen: frozenset[str]) -> st.SearchStrategy[Step]:
    steps = {
        what: st.tuples(st.just(what), st.fixed_dictionaries(HAPPENINGS[what][1])) for what in may_happen
    }
    weighted = [what for what in sorted(may_happen) for _ in range(HAPPENINGS[what][0])]
    return st.sampled_from(weighted).flatmap(steps.__getitem__)


def _expect_none(broken: list[str]) -> None:
    if broken:
        raise AssertionError("\n".join(broken))


class QueueModel(RuleBasedStateMachine):
    """Draws events; `fresh` resets the database."""

    app: Flask
    fresh: Callable[[], None]
    #: The events to draw from; a subset makes a short search more likely to find a fault.
    may_happen = frozenset(HAPPENINGS)

    def __init__(self) -> None:
        super().__init__()
        self.fresh()
        self.shop, self.outside, self.library = Shop(self.app), CountingProviders(), Library()
        #: The stand-in for the client of the library.
        self._client: Any = self.library
        self.workers: list[LogicalWorker] = []
        self.checks = Checks(self.shop, self.outside)
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(opening, "connectors_for", self.outside.connectors)
        # The same events must have the same effects, however busy the machine is.
        self.patches.setattr(settle, "_chance", random.Random(1))
        self.patches.setattr(attempts, "TOGETHER", math.inf)
        self.patches.setattr(perform, "BUDGET", math.inf)
        self.patches.setattr(side_by_side, "Calls", CallsOfOneThread)
        self.shop.open()
        for number, customer in ORDERS.items():
            self.shop.place(number, customer)
        self._relay()

    @invariant()
    def nothing_is_broken(self) -> None:
        _expect_none(self.checks.broken())

    def teardown(self) -> None:
        try:
            self.come_to_rest()
            _expect_none(self.checks.at_rest())
            # Held runs go on once everything is in order.
            self.shop.all_well()
            self.come_to_rest()
            _expect_none(self.checks.at_rest())
        finally:
            self.close()

    def close(self) -> None:
        """Kill all workers of this model and undo its patches."""
        for worker in self.workers:
            worker.die()
        self.patches.undo()

    @rule(step=st.runner().flatmap(happening))
    def happens(self, step: Step) -> None:
        event, arguments = step
        getattr(self, event)(**arguments)

    def an_order_changes(self, number: str, status: str, relayed: bool) -> None:
        self.shop.change(number, status)
        self._relay(relayed)

    def time_passes(self, seconds: int, swept: bool, relayed: bool) -> None:
        self.shop.now += dt.timedelta(seconds=seconds)
        if swept:
            self._sweep()
        self._relay(relayed)

    def somebody_has_another_mind(self, what: str, name: str, customer: str) -> None:
        self.shop.change_of_mind(what, name, customer)

    def somebody_decides(self, which: int, how: str) -> None:
        if undecided := self._undecided():
            self.shop.decide(undecided[which % len(undecided)], how)

    def a_worker_goes_on(self, which: int, stops: int, said: list[str]) -> None:
        if worker := self._worker(which):
            self._go_on(worker, stops, said)

    def a_worker_dies(self, which: int, where: str, said: list[str]) -> None:
        if worker := self._worker(which):
            self._go_on(worker, MOST_STOPS if where else 0, said, where)
            worker.die()
            self._forget_the_dead()

    def a_worker_is_told_to_stop(self, which: int) -> None:
        for worker in self.workers[which : which + 1]:
            worker.stopping = True

    def a_workflow_is_taken_away(self, which: int, fails: bool) -> None:
        """Count its worker as dead, or its workflow as failed; its runs are soon queued again."""
        if pending := self.library.of("PENDING"):
            self._take_away(pending[which % len(pending)], fails)
            self._relay()

    def _take_away(self, workflow: Workflow, fails: bool) -> None:
        if fails:
            self.library.fail(workflow)
            self._sweep()
            return
        self.library.resume(workflow)
        self._go_on(LogicalWorker(self.app, workflow, lambda: self.shop.now), MOST_STOPS)

    def come_to_rest(self) -> None:
        """Let every worker finish, take over from the dead, and pass time until nothing is left to do."""
        for worker in self.workers:
            self._go_on(worker, MOST_STOPS)
        for _ in range(ROUNDS):
            for workflow in self.library.of("PENDING"):
                self.library.resume(workflow)
            self._sweep()
            self._relay()
            for workflow in self.library.of("ENQUEUED"):
                self._go_on(LogicalWorker(self.app, workflow, lambda: self.shop.now), MOST_STOPS)
            _expect_none(self.checks.broken())
            if not self.checks.to_come():
                return
            self.shop.now += LONG

    def _relay(self, really: bool = True) -> None:
        if really:
            run_in_write(lambda session: relay(session, self._client, self.shop.now), repeatable=True)

    def _sweep(self) -> None:
        for state in (QUEUED, RUNNING):
            orphans = recovery.orphans(db.session(), self._client, state)
            db.session.rollback()
            with write() as session:
                recovery.put_back(session, orphans.runs, self.shop.now)

    def _go_on(self, worker: LogicalWorker, stops: int, said: Sequence[str] = (), dies_at: str = "") -> None:
        self.outside.will_answer(said)
        while worker.alive and stops:
            worker.go_on(dies_at)
            stops -= 1
        self._forget_the_dead()

    def _forget_the_dead(self) -> None:
        self.workers = [worker for worker in self.workers if worker.alive]

    def _worker(self, which: int) -> LogicalWorker | None:
        """Return a paused worker, or a new one for a workflow that no worker has."""
        free = self.library.of("ENQUEUED") if len(self.workers) < MOST_WORKERS else []
        candidates: list[LogicalWorker | Workflow] = [*self.workers, *free]
        chosen = candidates[which % len(candidates)] if candidates else None
        if isinstance(chosen, Workflow):
            chosen = LogicalWorker(self.app, chosen, lambda: self.shop.now)
            self.workers.append(chosen)
        return chosen

    def _undecided(self) -> list[Any]:
        """Return the runs that wait for a person, or else those that wait for their time."""
        runs = self.checks.runs.values()
        later = [run for run in runs if run.state == WAITING and run.due_at > self.shop.now]
        return [run for run in runs if run.state in (UNKNOWN, FAILED)] or later
