"""Writes the task that an action made."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import due
from automations.actions.base import Prepared
from automations.actions.recipients import is_person
from automations.models.people import Membership
from automations.models.task import Task
from automations.pipeline.effects_around import Around


def apply(session: Session, around: Around, prepared: Prepared) -> str:
    """One task; returns what was done as a sentence."""
    who = str(prepared.extra.get("assignee") or "")
    task = Task(
        store_id=around.store.id,
        run_id=around.run_id,
        part=around.part,
        subject=around.subject,
        record_id=around.record_id,
        title=prepared.subject,
        description=prepared.body,
        checklist=[{"text": text, "done": False} for text in prepared.extra.get("checklist", ())],
        assignee_id=_member(session, around.store.id, who),
        assignee_role=who if who and not is_person(who) else None,
        due_at=due.instant(prepared.extra.get("due"), around.now),
        priority=str(prepared.extra.get("priority") or "normal"),
        created_at=around.now,
    )
    session.add(task)
    session.flush()
    return f"Task “{prepared.subject}” is on the list"


def _member(session: Session, store_id: int, who: str) -> int | None:
    """The person, as long as she belongs to the store; a task for somebody who left is for anybody."""
    if not is_person(who):
        return None
    mine = sa.select(Membership.user_id).where(Membership.store_id == store_id)
    return session.scalar(mine.where(Membership.user_id == int(who[5:][:18])))
