"""The effect of "create_task": a task."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.create_task import PRIORITIES, CreateTask
from automations.actions.shared import due_date
from automations.actions.shared.action_kind import Prepared
from automations.actions.shared.recipients import is_person
from automations.engine.wording.formats import count_words
from automations.models.tables.people import Membership
from automations.models.tables.task import Task
from automations.pipeline.effects.shared.effect_kind import Effect, EffectContext, Preview, recipient_words


class TaskEffect(Effect):
    """Puts one task on the list of the store."""

    kind = CreateTask.key

    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        who = str(prepared.extra.get("assignee") or "")
        task = Task(
            store_id=context.store.id,
            run_id=context.run_id,
            part=context.part,
            subject=context.subject,
            record_id=context.record_id,
            title=prepared.subject,
            description=prepared.body,
            checklist=[{"text": text, "done": False} for text in prepared.extra.get("checklist", ())],
            assignee_id=_member(session, context.store.id, who),
            assignee_role=who if who and not is_person(who) else None,
            due_at=due_date.instant(prepared.extra.get("due"), context.now),
            priority=str(prepared.extra.get("priority") or "normal"),
            created_at=context.now,
        )
        session.add(task)
        session.flush()
        return f"Task “{prepared.subject}” is on the list"

    def preview(self, prepared: Prepared) -> Preview:
        extra = prepared.extra
        whom = f"For {recipient_words(prepared)}" if prepared.to else "For anyone"
        priority = PRIORITIES.get(str(extra.get("priority")), "Normal").lower()
        steps = [f"☐ {step}" for step in extra.get("checklist", ())]
        lines = (f"Priority: {priority}", _due_words(extra.get("due")), *steps)
        return Preview(f"A task. {whom}", prepared.subject, prepared.body, lines)


def _due_words(due: object) -> str:
    if not isinstance(due, Mapping):
        return "No due date"
    hours = int(due.get("hours") or 0)
    if due.get("from") != "now":
        return f"Due {str(due.get('from'))[:16].replace('T', ' ')} UTC"
    count, unit = (hours // 24, "days") if hours % 24 == 0 else (hours, "hours")
    return f"Due {count_words(count, unit)} after it is created"


def _member(session: Session, store_id: int, who: str) -> int | None:
    """Return the person while they belong to the store; a task for someone who left is for anybody."""
    if not is_person(who):
        return None
    members = sa.select(Membership.user_id).where(Membership.store_id == store_id)
    return session.scalar(members.where(Membership.user_id == int(who[5:][:18])))
