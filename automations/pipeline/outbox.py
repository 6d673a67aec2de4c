"""The rows an occurrence leaves: itself, the evaluations that fired, their runs. Before: judge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models import bulk
from automations.models.ids import reserve
from automations.models.occurrence import Evaluation, Occurrence
from automations.models.run import WAITING, Run
from automations.pipeline import wakeup
from automations.pipeline.change import Cause
from automations.pipeline.judge import Judge, Outcome

OCCURRENCE_TABLE = Occurrence.metadata.tables["occurrence"]
EVALUATION_TABLE = Evaluation.metadata.tables["evaluation"]
RUN_TABLE = Run.metadata.tables["run"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A trigger that a change set off, with the values before and after where it has them."""

    trigger: str
    from_value: str | None
    to_value: str | None


class Outbox:
    """Collects the occurrences of one transaction, judges each at once, and writes them in batches."""

    def __init__(
        self, session: Session, judge: Judge, store_id: int, subject: str, cause: Cause, now: dt.datetime
    ) -> None:
        self._session = session
        self._judge = judge
        self._common = {"store_id": store_id, "subject": subject, "ruleset": judge.ruleset, "at": now}
        self._common |= {"cause_kind": cause.kind, "cause": cause.label}
        self._subject = subject
        self._now = now
        self._occurrences: list[dict[str, Any]] = []
        self._outcomes: list[tuple[int, Outcome]] = []

    def add(
        self, row: Mapping[str, Any], snapshot: dict[str, Any], seen: tuple[Seen, ...], changed: list[str]
    ) -> int:
        """Take the occurrences of one change; returns how many automations fired on them."""
        fired = 0
        for one in seen:
            values = {**self._common, "record_id": row["id"], "revision": row["revision"]}
            values |= {"trigger": one.trigger, "from_value": one.from_value, "to_value": one.to_value}
            values |= {"changed": changed or None, "snapshot": snapshot}
            self._occurrences.append(values)
            outcomes = self._judge.judge(self._subject, one.trigger, snapshot, one.from_value, one.to_value)
            place = len(self._occurrences) - 1
            self._outcomes += [(place, outcome) for outcome in outcomes]
            fired += sum(outcome.error is None for outcome in outcomes)
        return fired

    def write(self) -> None:
        """Insert everything; ids are reserved first so that each table takes one statement."""
        self._insert(OCCURRENCE_TABLE, self._occurrences)
        evaluations = [
            self._evaluation(self._occurrences[place]["id"], outcome) for place, outcome in self._outcomes
        ]
        self._insert(EVALUATION_TABLE, evaluations)
        runs = [
            self._run(values, position, kind)
            for values, (_, outcome) in zip(evaluations, self._outcomes, strict=True)
            if not outcome.error
            for position, kind in enumerate(outcome.live.kinds)
        ]
        self._insert(RUN_TABLE, runs)
        if runs:
            wakeup.on_commit(self._session)

    def _insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        for id, values in zip(reserve(self._session, table.name, len(rows)), rows, strict=True):
            values["id"] = id
        bulk.insert(self._session, table, rows)

    def _evaluation(self, occurrence_id: int, outcome: Outcome) -> dict[str, Any]:
        return {
            "store_id": self._common["store_id"],
            "occurrence_id": occurrence_id,
            "automation_id": outcome.live.automation_id,
            "version_id": outcome.live.version_id,
            "outcome": "error" if outcome.error else "fired",
            "error": outcome.error,
            "at": self._now,
        }

    def _run(self, evaluation: Mapping[str, Any], position: int, kind: str) -> dict[str, Any]:
        return {
            "store_id": evaluation["store_id"],
            "evaluation_id": evaluation["id"],
            "position": position,
            "kind": kind,
            "state": WAITING,
            "due_at": self._now,
            "tries": 0,
        }
