"""Writes the occurrences of a change, the evaluations that fired, and their runs. Before: evaluate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.faults import crash
from automations.messages.store_formats import formats_of
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import SKIPPED, WAITING, Run
from automations.models.tables.shadow import SHADOW, SHADOW_CAPPED, SHADOW_ERROR
from automations.models.tables.store import Store
from automations.pipeline.evaluation import action_timing, loop_guard
from automations.pipeline.evaluation.automation_order import AutomationOrder
from automations.pipeline.evaluation.evaluate import Evaluated, Evaluator, LiveAction
from automations.pipeline.evaluation.frequency_caps import FrequencyCaps, customer_of
from automations.pipeline.evaluation.loop_guard import Limits
from automations.pipeline.evaluation.quiet_hours import after_quiet_hours
from automations.pipeline.records.change import Cause
from automations.pipeline.records.evaluation_context import StoredContext, listening_triggers
from automations.pipeline.runs import relay_signal

OCCURRENCE_TABLE = Occurrence.metadata.tables["occurrence"]
EVALUATION_TABLE = Evaluation.metadata.tables["evaluation"]
RUN_TABLE = Run.metadata.tables["run"]
#: The outcomes of versions that would have run, but were stopped.
_NOTHING_RUNS = frozenset({"error", "held", "capped"})


@dataclass(frozen=True, slots=True)
class Triggered:
    """A trigger that a change set off, with the values before and after where the trigger has them."""

    trigger: str
    from_value: str | None
    to_value: str | None


class Outbox:
    """Collects the occurrences of one transaction, evaluates each at once, and writes them in batches."""

    def __init__(
        self,
        session: Session,
        evaluator: Evaluator,
        store: Store,
        subject: str,
        cause: Cause,
        now: dt.datetime,
        limits: Limits,
    ) -> None:
        self._session = session
        self._evaluator, self._store_id = evaluator, store.id
        self._common = {"store_id": store.id, "subject": subject, "ruleset": evaluator.ruleset, "at": now}
        self._common |= _columns(cause)
        self._hours, self._quiet = store.working_hours, store.quiet_hours
        self._zone, self._formats = ZoneInfo(store.timezone), formats_of(store.language)
        working = action_timing.is_working(now, self._zone, self._hours)
        self._context = StoredContext(now.astimezone(self._zone), working)
        self._moment = self._context.to_data(store.timezone)
        self._automation_order = AutomationOrder(session)
        self._limits, self._caps = limits, FrequencyCaps(session, subject, now)
        self._subject = subject
        self._now = now
        self._occurrences: list[dict[str, Any]] = []
        #: Index of the occurrence, what was evaluated, the outcome of the evaluation, and its reason.
        self._outcomes: list[tuple[int, Evaluated, str, str | None]] = []
        #: What was evaluated and is still to be decided: place of the change, index of the occurrence, id of
        #: the record.
        self._undecided: list[tuple[int, int, list[Evaluated], int]] = []
        self._changes = 0

    def add(
        self,
        row: Mapping[str, Any],
        snapshot: dict[str, Any],
        triggers: tuple[Triggered, ...],
        changed: list[str],
        previous: Mapping[str, Any] | None = None,
    ) -> int:
        """Take the occurrences of one change; return how many automations will run on them."""
        self.evaluate(row, snapshot, triggers, changed, previous)
        return self.decide()[-1]

    def evaluate(
        self,
        row: Mapping[str, Any],
        snapshot: dict[str, Any],
        triggers: tuple[Triggered, ...],
        changed: list[str],
        previous: Mapping[str, Any] | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Take the occurrences of one change; `decide` says how many automations will run on them.

        `changed` names the columns that changed; `previous` has the plain values before, by field key;
        `cause` is that of this change, if it is another one.
        """
        place, self._changes = self._changes, self._changes + 1
        common = self._common if cause is None else {**self._common, **_columns(cause)}
        context = replace(self._context, previous=previous) if previous else self._context
        moment = {**self._moment, "previous": previous} if previous else self._moment
        for triggered in triggers:
            values = {**common, "record_id": row["id"], "revision": row["revision"]}
            values |= {
                "trigger": triggered.trigger,
                "from_value": triggered.from_value,
                "to_value": triggered.to_value,
            }
            values |= {"changed": changed or None, "snapshot": snapshot, "moment": moment}
            self._occurrences.append(values)
            evaluated: list[Evaluated] = []
            for trigger in listening_triggers(triggered.trigger, changed):
                change = (snapshot, triggered.from_value, triggered.to_value, context)
                evaluated += self._evaluator.evaluate(OccurrenceFacts(self._subject, trigger, *change))
            if evaluated:
                index = len(self._occurrences) - 1
                self._undecided.append((place, index, evaluated, row["id"]))

    def decide(self) -> list[int]:
        """Decide what runs of what was evaluated since the last call; return how many for each change."""
        fired = [0] * self._changes
        self._caps.lock(each.live for _, _, evaluated, _ in self._undecided for each in evaluated)
        for place, index, evaluated, record_id in self._undecided:
            fired[place] += self._take(index, self._automation_order.sorted(evaluated), record_id)
        self._undecided, self._changes = [], 0
        return fired

    @cached_property
    def _fields(self) -> Mapping[str, Field]:
        """The subject's fields and the store's own; read only where an action does not follow at once."""
        custom = fields_of(self._session, self._store_id, removed=True).get(self._subject)
        return SUBJECTS[self._subject].with_custom(custom).fields

    def _take(self, index: int, evaluated: Sequence[Evaluated], record_id: int) -> int:
        started, snapshot = [], self._occurrences[index]["snapshot"]
        for version in evaluated:
            if version.live.shadow_since:
                self._note_shadow(index, version, snapshot)
            elif version.error is None:
                started.append(version.live)
        held = self._limits.held(started, record_id) if started else {}
        free = [live for live in started if live.version_id not in held]
        capped = self._caps.capped(free, snapshot)
        for version in evaluated:
            if version.live.shadow_since:
                continue
            id = version.live.version_id
            reasons = [("error", version.error), ("held", held.get(id)), ("capped", capped.get(id))]
            kind, why = next((reason for reason in reasons if reason[1]), ("fired", None))
            self._outcomes.append((index, version, kind, why))
        return len(free) - len(capped)

    def _note_shadow(self, index: int, version: Evaluated, snapshot: Mapping[str, Any]) -> None:
        """Write down what a version in shadow mode would have done; it starts no chain and makes no run."""
        if version.error is not None:
            self._outcomes.append((index, version, SHADOW_ERROR, version.error))
            return
        over_cap = self._caps.capped([version.live], snapshot).get(version.live.version_id)
        self._outcomes.append((index, version, SHADOW_CAPPED if over_cap else SHADOW, over_cap))

    def write(self) -> list[int]:
        """Insert everything, one statement for each table; return the ids of the occurrences."""
        self._insert(OCCURRENCE_TABLE, self._occurrences)
        crash.at("outbox.occurrences_written")
        evaluations = [
            self._evaluation(index, version, kind, why) for index, version, kind, why in self._outcomes
        ]
        self._insert(EVALUATION_TABLE, evaluations)
        self._pause(evaluations)
        crash.at("outbox.evaluations_written")
        runs = [
            self._run(values, position, action, index) | self._timed(action, index)
            for values, (index, version, *_) in zip(evaluations, self._outcomes, strict=True)
            if values["outcome"] == "fired"
            for position, action in enumerate(version.live.actions)
        ]
        self._insert(RUN_TABLE, runs)
        if runs or self._limits.guilty:
            relay_signal.on_commit(self._session)
        return [occurrence["id"] for occurrence in self._occurrences]

    def _insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        for id, values in zip(reserve(self._session, table.name, len(rows)), rows, strict=True):
            values["id"] = id
        bulk_write.insert(self._session, table, rows)

    def _pause(self, evaluations: Sequence[Mapping[str, Any]]) -> None:
        """Ask for the automations in a circle to be paused, each for the first evaluation that was held."""
        held = [row for row in evaluations if row["outcome"] == "held"]
        guilty = [row for row in held if row["version_id"] in self._limits.guilty]
        if guilty:
            loop_guard.ask_to_pause(
                self._session, {row["automation_id"]: row["id"] for row in reversed(guilty)}
            )

    def _evaluation(self, index: int, version: Evaluated, kind: str, why: str | None) -> dict[str, Any]:
        return {
            "store_id": self._common["store_id"],
            "occurrence_id": self._occurrences[index]["id"],
            "customer_id": self._customer_id(index) if kind in _NOTHING_RUNS else None,
            "automation_id": version.live.automation_id,
            "version_id": version.live.version_id,
            "outcome": kind,
            "error": why,
            "at": self._now,
        }

    def _customer_id(self, index: int) -> int | None:
        return customer_of(self._subject, self._occurrences[index]["snapshot"])

    def _run(
        self, evaluation: Mapping[str, Any], position: int, action: LiveAction, index: int
    ) -> dict[str, Any]:
        return {
            "store_id": evaluation["store_id"],
            "evaluation_id": evaluation["id"],
            "customer_id": self._customer_id(index),
            "position": position,
            "kind": action.kind,
            "state": WAITING,
            "due_at": self._now,
            "tries": 0,
            "lane": action.lane,
        }

    def _timed(self, action: LiveAction, index: int) -> dict[str, Any]:
        """Return the columns that differ in the run of a delayed action."""
        if not action.timing and not action.marketing:
            return {}
        snapshot = self._occurrences[index]["snapshot"]
        try:
            due = action_timing.run_at(
                action.timing, self._fields, snapshot, self._now, self._zone, self._formats, self._hours
            )
            return {"due_at": after_quiet_hours(due, self._zone, self._quiet) if action.marketing else due}
        except ValueError as problem:
            return {"state": SKIPPED, "reason": str(problem), "finished_at": self._now}


def _columns(cause: Cause) -> dict[str, Any]:
    columns = {"cause_kind": cause.kind, "cause": cause.label, "cause_run_id": cause.run_id}
    return columns | {"root_id": cause.root_id, "depth": cause.depth}
