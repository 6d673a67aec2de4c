"""Stops automations that trigger each other without end: the limits, and the versions they hold back.

Before: evaluate. After: outbox, and auto_pause in the worker. A chain is everything that followed from one
occurrence by automations changing data.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.pipeline.evaluation.evaluate import LiveVersion
from automations.pipeline.records.change import Cause

DEPTH = 8
ACTIONS_PER_ROOT = 200
STARTS_PER_RECORD = 50
WINDOW = dt.timedelta(minutes=30)
#: The most links of a chain that a reason names.
_NAMED = 12


def ask_to_pause(session: Session, evaluations: Mapping[int, int]) -> None:
    """Ask the worker to pause these automations: id -> the evaluation that was held back. Inside write()."""
    # Sorted, so that two changes that ask for the same automations wait and never deadlock.
    for automation_id, evaluation_id in sorted(evaluations.items()):
        live = sa.and_(Automation.active_version_id.is_not(None), Automation.paused_for.is_(None))
        asked = sa.update(Automation).where(Automation.id == automation_id, live)
        session.connection().execute(asked.values(paused_for=evaluation_id))


class Limits:
    """Applies the limits to the occurrences of one transaction; earlier ones are counted when needed."""

    def __init__(
        self,
        session: Session,
        store_id: int,
        subject: str,
        cause: Cause,
        now: dt.datetime,
        known: Collection[int],
    ) -> None:
        """`known` is the ids of the records that existed before this transaction."""
        self._session = session
        self._store_id = store_id
        self._subject = subject
        self._cause = cause
        self._since = now - WINDOW
        self._known = known
        #: The versions that triggered themselves again, without those that were only held back with them.
        self.guilty: set[int] = set()

    def held(self, started: Sequence[LiveVersion], record_id: int) -> dict[int, str]:
        """Return, by version id, the reason for each of the `started` versions that is held back."""
        starts = self._starts[record_id]
        if starts.total() >= STARTS_PER_RECORD:
            most = max(starts[live.automation_id] for live in started)
            busiest = [live for live in started if starts[live.automation_id] == most]
            why = f"automations started {STARTS_PER_RECORD} times for it in 30 minutes"
            return self._all(started, why, busiest)
        if self._cause.root_id is None:
            starts.update(live.automation_id for live in started)
            return {}
        if self._cause.depth > DEPTH:
            return self._all(
                started, f"the chain is {self._cause.depth} changes long and the limit is {DEPTH}"
            )
        return self._in_chain(started, record_id)

    def _in_chain(self, started: Sequence[LiveVersion], record_id: int) -> dict[int, str]:
        held: dict[int, str] = {}
        for live in started:
            if (live.automation_id, record_id) in self._ran:
                # Only a version that led back to itself is guilty; the others are just not run twice.
                circle = [live] if live.automation_id in dict(self._chain) else []
                held |= self._all([live], "it already ran for this record in the same chain", circle)
                continue
            if self._actions + len(live.actions) > ACTIONS_PER_ROOT:
                held |= self._all([live], f"the chain would do more than {ACTIONS_PER_ROOT} actions")
                continue
            self._ran.add((live.automation_id, record_id))
            self._actions += len(live.actions)
            self._starts[record_id][live.automation_id] += 1
        return held

    def _all(
        self, held: Sequence[LiveVersion], why: str, guilty: Sequence[LiveVersion] | None = None
    ) -> dict[int, str]:
        self.guilty |= {live.version_id for live in (held if guilty is None else guilty)}
        names = self._names({live.version_id for live in held})
        links = [f"“{name}”" for _, name in self._chain]
        reasons = {}
        for live in held:
            name = f"“{names.get(live.version_id, '')}”"
            chain = f" The chain: {' → '.join([*links, name])}." if links else ""
            reasons[live.version_id] = f"Held back, so that nothing goes round in circles: {why}.{chain}"
        return reasons

    def _names(self, version_ids: Collection[int]) -> dict[int, str]:
        rows = self._session.execute(sa.select(Version.id, Version.name).where(Version.id.in_(version_ids)))
        return dict(rows.all())

    @cached_property
    def _starts(self) -> defaultdict[int, Counter[int]]:
        """Record id -> how often each automation started within the window, before this transaction."""
        starts: defaultdict[int, Counter[int]] = defaultdict(Counter)
        if not self._known:
            return starts
        of_subject = sa.and_(Occurrence.store_id == self._store_id, Occurrence.subject == self._subject)
        recent = sa.and_(Occurrence.record_id.in_(self._known), Occurrence.at > self._since)
        columns = (Occurrence.record_id, Evaluation.automation_id)
        counted = sa.select(*columns, sa.func.count()).join(
            Evaluation, Evaluation.occurrence_id == Occurrence.id
        )
        fired = counted.where(of_subject, recent, Evaluation.outcome == "fired").group_by(*columns)
        for record_id, automation_id, count in self._session.execute(fired):
            starts[record_id][automation_id] = count
        return starts

    @cached_property
    def _ran(self) -> set[tuple[int, int]]:
        """The (automation id, record id of this subject) pairs that started in the chain so far."""
        started = sa.select(Evaluation.automation_id, Occurrence.record_id).join(Evaluation.occurrence)
        rows = self._session.execute(
            started.where(
                self._of_chain(), Occurrence.subject == self._subject, Evaluation.outcome == "fired"
            )
        )
        return {(automation_id, record_id) for automation_id, record_id in rows}

    @cached_property
    def _actions(self) -> int:
        """Number of actions in the chain so far."""
        runs = sa.select(sa.func.count(Run.id)).join(Run.evaluation).join(Evaluation.occurrence)
        # Alerts to managers are not actions of an automation.
        own = Run.prepared.is_(None)
        return self._session.scalar(runs.where(self._of_chain(), own)) or 0

    def _of_chain(self) -> sa.ColumnElement[bool]:
        return sa.or_(Occurrence.root_id == self._cause.root_id, Occurrence.id == self._cause.root_id)

    @cached_property
    def _chain(self) -> list[tuple[int, str]]:
        """(automation id, name) of the automations that led to this change, in order."""
        links: list[tuple[int, str]] = []
        run_id = self._cause.run_id
        while run_id is not None and len(links) < _NAMED:
            link = sa.select(Version.automation_id, Version.name, Occurrence.cause_run_id)
            link = link.select_from(Run).join(Run.evaluation).join(Evaluation.version)
            rows = self._session.execute(link.join(Evaluation.occurrence).where(Run.id == run_id))
            automation_id, name, run_id = rows.one()
            links.insert(0, (automation_id, name))
        return links
