"""The invariants of the run queue after every step, whatever workers and people did.

Each violation is a sentence.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from automations.models.db.base import db
from automations.models.tables.run import (
    CANCELLED,
    FAILED,
    FINAL,
    QUEUED,
    RUNNING,
    SKIPPED,
    SUCCEEDED,
    UNKNOWN,
    WAITING,
    Attempt,
    Run,
)
from automations.models.tables.task import Task
from automations.pipeline.delivery import circuit_breaker
from automations.pipeline.runs.claimed_run import SENT, STARTED, TRY_AGAIN, UNCERTAIN
from tests.kit.outside.counted_effects import DOWN, LOST, CountingProviders, HandedMessage
from tests.kit.queue.queue_shop import ExpectedRun, Shop

_RUNS = sa.select(
    Run.id, Run.state, Run.tries, Run.workflow_id, Run.due_at, Run.reason, Run.deaths, Run.finished_at
)
_ATTEMPTS = sa.select(Attempt.run_id, Attempt.part, Attempt.number, Attempt.result).order_by(Attempt.id)
_OPEN = (STARTED, UNCERTAIN)
#: Parts of a message to the team of three.
_TEAM = range(3)


class Checks:
    """Compares what is stored with what happened outside, and with what was stored one step ago."""

    def __init__(self, shop: Shop, outside: CountingProviders) -> None:
        self.shop, self.outside = shop, outside
        self.runs: dict[int, Any] = {}
        self.attempts: dict[int, list[Any]] = {}
        #: Runs that were delayed by something: later runs may overtake them.
        self.put_off: set[int] = set()
        #: Violations noticed while messages left.
        self.wrong: list[str] = []
        outside.first = self.leaves

    def broken(self) -> list[str]:
        """Return the violations after a step."""
        db.session.rollback()
        before = self.runs
        self.runs = {run.id: run for run in db.session.execute(_RUNS.order_by(Run.id))}
        self.attempts = defaultdict(list)
        for attempt in db.session.execute(_ATTEMPTS):
            self.attempts[attempt.run_id].append(attempt)
        tasks = list(db.session.scalars(sa.select(Task.run_id)))
        db.session.rollback()
        checks = (
            self._changed(before),
            self._never_twice(tasks),
            self._log_agrees(tasks),
            self._attempts_add_up(),
            self.wrong,
        )
        sentences = [sentence for check in checks for sentence in check]
        self._note_put_off()
        self.shop.moved.clear()
        return sentences

    def at_rest(self) -> list[str]:
        """Return the violations once all that can be done is done."""
        return [*self.broken(), *self._unfinished()]

    def leaves(self, handed: HandedMessage) -> None:
        """Check a message that is handed over: its text, and that no earlier one is still to come."""
        wanted = self.shop.wanted[handed.run_id]
        text = json.loads(handed.text)["about"] if handed.channel == "http" else handed.text
        if text.casefold() != wanted.text.casefold() and not self.shop.is_erased(handed.run_id):
            self.wrong.append(f"run {handed.run_id} says “{text}” and not “{wanted.text}”")
        if not self.outside.handed[handed.run_id, handed.part]:
            self.wrong += self._overtaken(handed.run_id, wanted)

    def _overtaken(self, run_id: int, wanted: ExpectedRun) -> Iterator[str]:
        """Yield the runs that left although they were due after this one and nothing had delayed it."""
        tired = self.outside.answered[wanted.channel, DOWN] + self.outside.answered[wanted.channel, LOST]
        if run_id in self.put_off or tired >= circuit_breaker.FAILURES:
            return
        for id in {id for id, _ in self.outside.handed if id > run_id} - self.shop.hastened:
            if self.shop.wanted[id].turn == wanted.turn:
                yield f"run {id} left before run {run_id}"

    def _is_to_come(self, id: int) -> bool:
        return bool(self.runs[id].state == WAITING and self.runs[id].due_at > self.shop.now)

    def _note_put_off(self) -> None:
        for id, run in self.runs.items():
            is_late = self.shop.wanted[id].due_at <= self.shop.now
            # A run put back and queued again within one step is recognized by its tries.
            again = run.tries > int(run.state == RUNNING)
            waits = run.state == WAITING and (run.reason or (is_late and self._is_to_come(id)))
            if again or waits or run.state in FINAL or id in self.shop.moved:
                self.put_off.add(id)

    def _changed(self, before: dict[int, Any]) -> Iterator[str]:
        if self.runs.keys() != self.shop.wanted.keys():
            yield f"there are runs {sorted(self.runs)}, wanted {sorted(self.shop.wanted)}"
        for id, run in self.runs.items():
            old = before.get(id)
            if old and old.state in FINAL and run.state != old.state and id not in self.shop.moved:
                yield f"run {id} was {old.state} and is {run.state}, and nobody said so"
            if run.state == RUNNING and old and (old.state, old.workflow_id) != (RUNNING, run.workflow_id):
                yield from self._claimed(id, run)

    def _claimed(self, id: int, run: Any) -> Iterator[str]:
        if run.tries == 1 and not self.shop.may_leave(id):
            yield f"run {id} was begun though its automation is off"
        if run.deaths is None and not self.shop.has_owner(id):
            yield f"run {id} was begun though nobody answers for it"

    def _never_twice(self, tasks: Sequence[int | None]) -> Iterator[str]:
        """Messages without a key leave once, and once more each time a person asks for it."""
        for (run_id, part), count in self.outside.effects.items():
            if count > 1 + self.shop.again[run_id]:
                yield f"run {run_id}, part {part}, took effect {count} times"
        if len(tasks) != len(set(tasks)):
            yield f"a task was made twice: {tasks}"

    def _log_agrees(self, tasks: Sequence[int | None]) -> Iterator[str]:
        """The log agrees with the world outside."""
        for id, run in self.runs.items():
            last = {attempt.part: attempt.result for attempt in self.attempts.get(id, ())}
            results = set(last.values())
            if run.state == SUCCEEDED and results != {SENT}:
                yield f"run {id} succeeded, and its parts are {last}"
            if run.state == UNKNOWN and not results & set(_OPEN):
                yield f"run {id} is unknown, and its parts are {last}"
            keyed = self.shop.wanted[id].channel == "http"
            if run.state in (FAILED, SKIPPED, CANCELLED) and results & set(_OPEN) and not keyed:
                yield f"run {id} is {run.state}, and its parts are {last}"
            if (run.state in FINAL) != (run.finished_at is not None):
                yield f"run {id} is {run.state} and ended at {run.finished_at}"
            is_inside = self.shop.wanted[id].channel == "inside"
            yield from self._task_agrees(id, run, tasks) if is_inside else self._parts_agree(id, run, last)

    def _task_agrees(self, id: int, run: Any, tasks: Sequence[int | None]) -> Iterator[str]:
        if (run.state == SUCCEEDED) != (id in tasks):
            yield f"run {id} is {run.state}, and its task is {id in tasks}"

    def _parts_agree(self, id: int, run: Any, last: dict[int, str]) -> Iterator[str]:
        if id in self.shop.vouched or self.shop.again[id]:
            return
        keyed = self.shop.wanted[id].channel == "http"
        # A worker paused in the middle of an attempt may go on after the next one was answered.
        unanswered = {tried.part for tried in self.attempts.get(id, ()) if keyed and tried.result in _OPEN}
        # A keyed message may have arrived although no answer came: the next attempt finds out.
        undecided = {SENT, *_OPEN} | ({TRY_AGAIN} if keyed else set())
        for part, result in last.items():
            happened = self.outside.effects[id, part] > 0
            if result == SENT and not happened:
                yield f"run {id}, part {part}, counts as sent and was not"
            if result not in undecided and happened and part not in unanswered:
                yield f"run {id}, part {part}, counts as {result} and was sent"
        if any(self.outside.effects[id, part] for part in _TEAM if part not in last):
            yield f"run {id} sent something without an attempt"

    def _attempts_add_up(self) -> Iterator[str]:
        for id, run in self.runs.items():
            numbers = [attempt.number for attempt in self.attempts.get(id, ())]
            if numbers and max(numbers) > run.tries:
                yield f"run {id} has {run.tries} tries and attempts {numbers}"
            for part in {attempt.part for attempt in self.attempts.get(id, ())}:
                tries = sum(attempt.part == part for attempt in self.attempts[id])
                if self.outside.handed[id, part] > tries:
                    yield f"run {id}, part {part}, was handed over more often than its {tries} attempts"

    def _unfinished(self) -> Iterator[str]:
        yield from (
            f"run {id} is still {self.runs[id].state}: {self.runs[id].reason}" for id in self.to_come()
        )
        for id, run in self.runs.items():
            if run.state == WAITING and run.tries == 0 and self.shop.is_archived(id):
                yield f"run {id} waits though its automation is archived"

    def to_come(self) -> list[int]:
        """Return the ids of unfinished runs that nothing holds."""
        unfinished = [run for run in self.runs.values() if run.state in (WAITING, QUEUED, RUNNING)]
        return [run.id for run in unfinished if run.state != WAITING or not self._is_held(run)]

    def _is_held(self, run: Any) -> bool:
        """Return whether a run waits for its automation to be on or to have an owner.

        A run that has begun goes on although its automation is off; one that died while being performed goes
        on without an owner.
        """
        is_off = run.tries == 0 and not self.shop.may_leave(run.id)
        return is_off or (run.deaths is None and not self.shop.has_owner(run.id))
