"""Limits how often an automation runs: once per record, once per customer in some days, so often an hour.

Before: evaluate, loop_guard. After: outbox. Evaluations over a cap are logged with the reason and do nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.shadow import SHADOW
from automations.pipeline.evaluation.evaluate import LiveVersion
from automations.pipeline.records.record_kinds import KINDS

HOUR = dt.timedelta(hours=1)
ONCE = "It runs once for each record, and it already ran for this one."
_CUSTOMER = "It runs once for each customer in {days}, and it already ran for this one in that time."
_HOURLY = "It runs at most {limit} in an hour, and that many ran in the last hour."


@dataclass(frozen=True, slots=True)
class _Started:
    automation_id: int
    record_id: int
    customer_id: int | None
    #: The version and since when, if it is in shadow mode: what it would have done counts for itself alone.
    shadow: tuple[int, dt.datetime] | None = None

    @property
    def whose(self) -> tuple[int, tuple[int, dt.datetime] | None]:
        return self.automation_id, self.shadow


class FrequencyCaps:
    """Applies the caps to the occurrences of one transaction."""

    def __init__(self, session: Session, subject: str, now: dt.datetime) -> None:
        self._session = session
        self._subject = subject
        self._now = now
        #: Started in this transaction and not written yet.
        self._started: list[_Started] = []
        self._locked: set[int] = set()

    def capped(self, started: Sequence[LiveVersion], snapshot: Mapping[str, Any]) -> dict[int, str]:
        """Return, by version id, the reason for each of the `started` versions that is over a cap."""
        reasons = {}
        for live in started:
            if not live.caps:
                continue
            self.lock([live])
            shadow = (live.version_id, live.shadow_since) if live.shadow_since else None
            customer_id = customer_of(self._subject, snapshot)
            candidate = _Started(live.automation_id, snapshot["id"], customer_id, shadow)
            reason = self._reason_over_cap(candidate, live.caps)
            if reason:
                reasons[live.version_id] = reason
            else:
                self._started.append(candidate)
        return reasons

    def lock(self, versions: Iterable[LiveVersion]) -> None:
        """Lock the automations of the versions that have caps, until the transaction ends.

        Without the lock, two transactions at once would both count as the last one within the cap. All that a
        transaction needs are locked by one call, in the order of their ids, so that two never deadlock.
        """
        for automation_id in sorted({live.automation_id for live in versions if live.caps} - self._locked):
            query = sa.select(Automation.id).where(Automation.id == automation_id).with_for_update()
            self._session.execute(query)
            self._locked.add(automation_id)

    def _reason_over_cap(self, candidate: _Started, caps: Mapping[str, Any]) -> str:
        if caps.get("once_per_record") and self._ran_for_record(candidate):
            return ONCE
        days = caps.get("once_per_customer_days")
        if days and candidate.customer_id and self._ran_for_customer(candidate, int(days)):
            return customer_words(int(days))
        limit = caps.get("per_hour")
        if limit and self._in_the_last_hour(candidate) >= int(limit):
            return hourly_words(int(limit))
        return ""

    def _ran_for_record(self, candidate: _Started) -> bool:
        if any(
            (other.whose, other.record_id) == (candidate.whose, candidate.record_id)
            for other in self._started
        ):
            return True
        ids = self._were(candidate.record_id)
        for_record = sa.and_(Occurrence.subject == self._subject, Occurrence.record_id.in_(ids))
        return self._any(self._fired(candidate).where(for_record))

    def _ran_for_customer(self, candidate: _Started, days: int) -> bool:
        if any(
            (other.whose, other.customer_id) == (candidate.whose, candidate.customer_id)
            for other in self._started
        ):
            return True
        query = self._fired(candidate).where(Evaluation.at > self._now - dt.timedelta(days=days))
        if self._subject == "customer":
            return self._any(
                query.where(
                    Occurrence.subject == "customer",
                    Occurrence.record_id.in_(self._were(candidate.customer_id or 0)),
                )
            )
        table = KINDS[self._subject].table
        joined = query.join(table, table.c.id == Occurrence.record_id)
        return self._any(
            joined.where(Occurrence.subject == self._subject, table.c.customer_id == candidate.customer_id)
        )

    def _were(self, record_id: int) -> list[int]:
        """Return the id of a record, with those of the customers that were merged into it."""
        return (
            merged_customers.ids_of(self._session, record_id) if self._subject == "customer" else [record_id]
        )

    def _in_the_last_hour(self, candidate: _Started) -> int:
        fired = _counts(candidate)
        recent = sa.select(sa.func.count(Evaluation.id)).where(fired, Evaluation.at > self._now - HOUR)
        unwritten = sum(other.whose == candidate.whose for other in self._started)
        return (self._session.scalar(recent) or 0) + unwritten

    def _fired(self, candidate: _Started) -> sa.Select[int]:
        query = sa.select(Evaluation.id).join(Occurrence, Occurrence.id == Evaluation.occurrence_id)
        return query.where(_counts(candidate))

    def _any(self, query: sa.Select[int]) -> bool:
        return self._session.execute(query.limit(1)).first() is not None


def _counts(candidate: _Started) -> sa.ColumnElement[bool]:
    """Select the evaluations that count against the caps of a candidate."""
    of_automation = Evaluation.automation_id == candidate.automation_id
    if candidate.shadow is None:
        return sa.and_(of_automation, Evaluation.outcome == "fired")
    # As if it had taken over when its shadow mode began: what really ran before counts, then its own.
    version_id, since = candidate.shadow
    really = sa.and_(Evaluation.outcome == "fired", Evaluation.at < since)
    own = sa.and_(Evaluation.outcome == SHADOW, Evaluation.version_id == version_id)
    return sa.and_(of_automation, sa.or_(really, own))


def customer_words(days: int) -> str:
    """Return why it does not run again for a customer in so many days."""
    return _CUSTOMER.format(days="a day" if days == 1 else f"{days} days")


def hourly_words(limit: int) -> str:
    """Return why it does not run more often in this hour."""
    return _HOURLY.format(limit="once" if limit == 1 else f"{limit} times")


def customer_of(subject: str, snapshot: Mapping[str, Any]) -> int | None:
    """Return the id of the customer that a record is about; None if it has none."""
    person = snapshot if subject == "customer" else snapshot.get("customer")
    return person["id"] if person else None
