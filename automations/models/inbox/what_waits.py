"""What waits for a person in a store, as the top of every page says it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.column_types import Id
from automations.models.db.fast_select import Lookup, fixed, in_list
from automations.models.inbox.over_shadows import is_over
from automations.models.tables.hold import Hold
from automations.models.tables.notification import Notification
from automations.models.tables.run import FAILED, UNKNOWN, Run
from automations.models.tables.shadow import Shadow
from automations.models.tables.surge_hold import SurgeHold
from automations.models.tables.task import OPEN, Task

#: More than this is shown as "99+".
COUNTED = 100


@dataclass(frozen=True, slots=True)
class WhatWaits:
    """Each number is COUNTED at most."""

    #: Actions that failed or may have arrived, held automations, and shadow modes that are over.
    decisions: int
    #: Open tasks for this person, for a role of theirs, or for anyone.
    tasks: int
    #: Unread notifications.
    unread: int
    #: Whether the store is on hold after a restore.
    on_hold: bool


def count(session: Session, store_id: int, user_id: int, roles: Collection[str]) -> WhatWaits:
    """Count what waits, in one statement; `roles` are those of tasks that the person has."""
    [row] = _COUNTS.rows(session, store_id=store_id, user_id=user_id, roles=list(roles))
    decisions = row["failed"] + row["unknown"] + row["held"] + row["over"]
    return WhatWaits(min(decisions, COUNTED), row["tasks"], row["unread"], row["on_hold"])


def _counts(dialect: str) -> sa.Select[*tuple[int, ...]]:
    store_id, user_id = sa.bindparam("store_id", type_=Id), sa.bindparam("user_id", type_=Id)
    anyone = sa.or_(Task.assignee_role.is_(None), in_list(Task.assignee_role, "roles", dialect))
    theirs = sa.or_(Task.assignee_id == user_id, sa.and_(Task.assignee_id.is_(None), anyone))
    of_user = (Notification.user_id == user_id, Notification.store_id == store_id)
    held = sa.select(SurgeHold.id).where(SurgeHold.store_id == store_id, SurgeHold.ended_at.is_(None))
    # Two states apart: each is counted by its own part of the index.
    return sa.select(
        _at_most(sa.select(Run.id).where(Run.store_id == store_id, Run.state == fixed(FAILED)), "failed"),
        _at_most(sa.select(Run.id).where(Run.store_id == store_id, Run.state == fixed(UNKNOWN)), "unknown"),
        _at_most(held, "held"),
        _at_most(sa.select(Shadow.id).where(*is_over(store_id)), "over"),
        _at_most(
            sa.select(Task.id).where(Task.store_id == store_id, Task.state == fixed(OPEN), theirs), "tasks"
        ),
        _at_most(sa.select(Notification.id).where(*of_user, Notification.read_at.is_(None)), "unread"),
        sa.exists().where(Hold.store_id == store_id, Hold.ended_at.is_(None)).label("on_hold"),
    )


def _at_most(query: sa.Select[int], name: str) -> sa.Label[int]:
    return (
        sa.select(sa.func.count()).select_from(query.limit(COUNTED).subquery()).scalar_subquery().label(name)
    )


_COUNTS = Lookup(_counts)
