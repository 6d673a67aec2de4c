"""What people do to tasks, inside write()."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit
from automations.models.tables.task import DONE, OPEN, Task

#: More than this is shown as "99+".
COUNTED = 100


def count_open(session: Session, store_id: int) -> int:
    """Return the number of open tasks of a store, at most COUNTED."""
    open_tasks = sa.select(Task.id).where(Task.store_id == store_id, Task.state == OPEN).limit(COUNTED)
    return session.scalar(sa.select(sa.func.count()).select_from(open_tasks.subquery())) or 0


def tick(session: Session, task_id: int, item: int, done: bool) -> None:
    """Tick or untick one item of the checklist."""
    task = session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    items = [dict(entry) for entry in task.checklist]
    items[item]["done"] = done
    task.checklist, task.revision = items, task.revision + 1


def set_state(session: Session, task_id: int, state: str, user_id: int, now: dt.datetime) -> bool:
    """Mark a task as done or open again; return False if it was so already."""
    task = session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    if task.state == state:
        return False
    done = state == DONE
    task.state, task.revision = state, task.revision + 1
    task.done_at, task.done_by = (now, user_id) if done else (None, None)
    # Leave the title out: it may name a customer, and audit rows cannot be erased.
    action, about = "finished" if done else "reopened", f"task {task.id}"
    audit.note(session, action=action, about=about, store_id=task.store_id, user_id=user_id, at=now)
    return True
