"""What stands between a customer and the next message: the caps of automations, and marketing of late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures.standings import stayed_here
from automations.features.history.log_entries import FIRED
from automations.features.history.upcoming_runs import live_versions
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import CANCELLED, SKIPPED, TELLS, Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation.consent import MARKETING

#: Over these days marketing is counted.
WEEK = dt.timedelta(days=7)
#: The newest messages, and the newest entries of the customer's log, that are looked at.
LOOKED_AT = 2_000
_ONCE, _DAYS = "once_per_record", "once_per_customer_days"


@dataclass(frozen=True, slots=True)
class CapUsed:
    """The cap of an automation that ran for the customer. `next` is None if it never runs for them again."""

    automation_id: int
    automation: str
    #: The cap, in days; 0 for once and never again.
    days: int
    used_at: dt.datetime
    next: dt.datetime | None


@dataclass(frozen=True, slots=True)
class MarketingLately:
    """How many marketing messages there were for the customer within WEEK, and when the newest was, ever.

    `kept` of them stayed in the Mailbox and reached nobody: caps count them all the same.
    """

    count: int
    kept: int
    newest: dt.datetime | None


def caps_used(session: Session, store: Store, customer_ids: Sequence[int], now: dt.datetime) -> list[CapUsed]:
    """Return the caps that now keep live automations from running for a customer, the next to end first."""
    live = list(live_versions(session, store).values())
    by_days = {version.automation_id: (version, int(_cap(version, _DAYS))) for version in live}
    by_days = {id: pair for id, pair in by_days.items() if pair[1]}
    by_record = [version for version in live if version.subject == "customer" and _cap(version, _ONCE)]
    once = {version.automation_id: version.name for version in by_record}
    over = _ever(session, store, customer_ids, once)
    never = [CapUsed(id, once[id], 0, at, None) for id, at in over.items()]
    longest = max((days for _, days in by_days.values()), default=0)
    lately = _since(session, customer_ids, by_days, now - dt.timedelta(days=longest))
    again = []
    for id, at in lately.items():
        version, days = by_days[id]
        possible = at + dt.timedelta(days=days)
        if possible > now and id not in over:
            again.append((possible, CapUsed(id, version.name, days, at, possible)))
    return [*(cap for _, cap in sorted(again, key=lambda pair: pair[0])), *never]


def limited(session: Session, store: Store) -> int:
    """Return how many live automations have a cap that counts for each customer."""
    live = live_versions(session, store).values()
    return sum(bool(_cap(one, _DAYS) or (one.subject == "customer" and _cap(one, _ONCE))) for one in live)


def marketing_lately(session: Session, customer_ids: Sequence[int], now: dt.datetime) -> MarketingLately:
    """Return how much marketing there was for the customer; what was skipped or cancelled does not count."""
    newest = _newest(customer_ids, now - dt.timedelta(days=365)).subquery()
    sent = sa.and_(Run.kind.in_(MARKETING), Run.state.not_in((SKIPPED, CANCELLED)), Run.due_at <= now)
    query = sa.select(Run.due_at, stayed_here()).join(newest, newest.c.id == Run.id).where(sent)
    rows = session.execute(query.order_by(Run.due_at.desc())).all()
    lately = [stayed for at, stayed in rows if at > now - WEEK]
    return MarketingLately(len(lately), sum(map(bool, lately)), rows[0][0] if rows else None)


def _cap(version: Version, name: str) -> Any:
    return (version.definition.get("caps") or {}).get(name) or 0


def _newest(customer_ids: Sequence[int], since: dt.datetime) -> sa.Select[Any]:
    """Select the newest messages about a customer, at most LOOKED_AT of each id."""
    parts = [
        sa.select(Run.id, Run.evaluation_id)
        .where(Run.customer_id == id, TELLS, Run.due_at > since)
        .order_by(Run.due_at.desc(), Run.id.desc())
        .limit(LOOKED_AT)
        .subquery()
        for id in customer_ids
    ]
    together = sa.union_all(*(sa.select(part.c.id, part.c.evaluation_id) for part in parts)).subquery()
    return sa.select(together.c.id, together.c.evaluation_id)


def _since(
    session: Session, customer_ids: Sequence[int], automation_ids: Collection[int], since: dt.datetime
) -> dict[int, dt.datetime]:
    """Return when these automations last fired for the customer, by id; those that did not are left out."""
    if not automation_ids:
        return {}
    # A message is never due before its automation fires, so this finds all that fired since.
    newest = _newest(customer_ids, since).subquery()
    query = sa.select(Evaluation.automation_id, sa.func.max(Evaluation.at))
    query = query.join(newest, newest.c.evaluation_id == Evaluation.id)
    fired = sa.and_(Evaluation.automation_id.in_(automation_ids), Evaluation.outcome == FIRED)
    return dict(session.execute(query.where(fired).group_by(Evaluation.automation_id)).all())


def _ever(
    session: Session, store: Store, customer_ids: Sequence[int], automation_ids: Collection[int]
) -> dict[int, dt.datetime]:
    """Return when these automations last fired for what happened to the customer themselves, by id."""
    if not automation_ids:
        return {}
    log = sa.and_(
        Occurrence.store_id == store.id,
        Occurrence.subject == "customer",
        Occurrence.record_id.in_(customer_ids),
    )
    ids = sa.select(Occurrence.id).where(log).order_by(Occurrence.id.desc()).limit(LOOKED_AT).subquery()
    query = sa.select(Evaluation.automation_id, sa.func.max(Evaluation.at))
    query = query.join(ids, ids.c.id == Evaluation.occurrence_id)
    fired = sa.and_(Evaluation.automation_id.in_(automation_ids), Evaluation.outcome == FIRED)
    return dict(session.execute(query.where(fired).group_by(Evaluation.automation_id)).all())
