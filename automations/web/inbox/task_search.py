"""Which tasks the list shows, and its pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, request
from sqlalchemy.orm import joinedload

from automations.actions.shared.recipients import ROLES
from automations.models.db.base import db
from automations.models.tables.people import Membership, User
from automations.models.tables.task import DONE, OPEN, Task
from automations.web.kit.found_page import found_page
from automations.web.kit.paging import LENGTH, Page, with_arguments
from automations.web.kit.scope import LARGEST_ID
from automations.web.kit.sorting import Heading, Sort, sorted_page
from automations.web.kit.template_filters import zone

STATES = {OPEN: "Open", DONE: "Done"}
DUE = {"overdue": "Overdue", "today": "Due today", "week": "Due in 7 days", "none": "Without a date"}
MINE, NOBODY = "mine", "nobody"
SORTS = {
    "title": Heading("Task", sa.func.lower(Task.title), "text"),
    "due": Heading("Due", Task.due_at, "instant", can_be_empty=True),
    "created": Heading("Created", Task.id, "id"),
}


@dataclass(frozen=True)
class TaskFilters:
    """The filters of the address; an unknown value counts as no filter."""

    state: str
    who: str
    due: str

    @property
    def any(self) -> bool:
        return bool(self.who or self.due or self.state != OPEN)


def requested() -> TaskFilters:
    """Return the filters of this request."""
    arguments = request.args
    state, due = arguments.get("state", OPEN), arguments.get("due", "")
    return TaskFilters(
        state if state in STATES else OPEN, arguments.get("who", ""), due if due in DUE else ""
    )


def people() -> dict[str, str]:
    """Return whom tasks may be for, as options of the filter: value to label."""
    members = sa.select(User.id, User.name).join(Membership, Membership.user_id == User.id)
    named = db.session.execute(members.where(Membership.store_id == g.store.id).order_by(User.name))
    start = {MINE: "For me", NOBODY: "For nobody in particular"}
    roles = {key: role.label for key, role in ROLES.items()}
    return start | roles | {f"user:{id}": name for id, name in named}


def page(filters: TaskFilters, sort: Sort) -> Page:
    """Return the tasks as sorted; else open ones by due date, undated last, or done ones newest first."""
    if sort.key:
        return sorted_page(Task, _matches(filters), sort, [joinedload(Task.assignee)])
    who = [joinedload(Task.assignee)]
    if filters.state == DONE:
        return found_page(Task, _matches(filters), who)
    return _by_due(matching(filters).options(*who))


def matching(filters: TaskFilters) -> sa.Select[Task]:
    """Return the tasks of the store that the filters leave."""
    return sa.select(Task).where(*_matches(filters))


def for_whom(task: Task) -> str:
    """Return whom the task is for: "Rosa Lind", "The managers", or "" for nobody in particular."""
    if task.assignee:
        return task.assignee.name
    role = ROLES.get(task.assignee_role or "")
    return role.label if role else ""


def is_mine(task: Task) -> bool:
    """Whether the task is for the signed-in person: by name, by role, or because it is for anyone."""
    if task.assignee_id is not None:
        return bool(task.assignee_id == g.user.id)
    return task.assignee_role is None or task.assignee_role in _my_roles()


def _matches(filters: TaskFilters) -> list[sa.ColumnElement[bool]]:
    of_store = [Task.store_id == g.store.id, Task.state == filters.state]
    return [*of_store, *_whose(filters.who), *_due(filters.due, dt.datetime.now(dt.UTC))]


def _by_due(query: sa.Select[Any]) -> Page:
    last = _last_shown()
    if last is not None:
        query = query.where(_after(last))
    ordered = query.order_by(Task.due_at.is_(None), Task.due_at, Task.id).limit(LENGTH + 1)
    rows = db.session.scalars(ordered).all()
    more = with_arguments(after=rows[LENGTH - 1].id) if len(rows) > LENGTH else ""
    return Page(rows[:LENGTH], more, with_arguments(after=None) if "after" in request.args else "")


def _last_shown() -> Task | None:
    """Return the task that the previous page ended with, or None on the first page."""
    after = request.args.get("after", "")
    if not (after.isascii() and after.isdigit()):
        return None
    query = sa.select(Task).where(Task.store_id == g.store.id, Task.id == min(int(after[:19]), LARGEST_ID))
    return db.session.scalar(query)


def _after(last: Task) -> sa.ColumnElement[bool]:
    undated = Task.due_at.is_(None)
    if last.due_at is None:
        return sa.and_(undated, Task.id > last.id)
    same = sa.and_(Task.due_at == last.due_at, Task.id > last.id)
    return sa.or_(Task.due_at > last.due_at, same, undated)


def _my_roles() -> tuple[str, ...]:
    return tuple(key for key, role in ROLES.items() if g.membership.role in role.roles)


def _whose(who: str) -> list[sa.ColumnElement[bool]]:
    unnamed = Task.assignee_id.is_(None)
    kind, _, number = who.partition(":")
    if kind == "user" and number.isascii() and number.isdigit():
        return [Task.assignee_id == min(int(number[:19]), LARGEST_ID)]
    conditions: Mapping[str, sa.ColumnElement[bool]] = {
        MINE: sa.or_(Task.assignee_id == g.user.id, sa.and_(unnamed, Task.assignee_role.in_(_my_roles()))),
        NOBODY: sa.and_(unnamed, Task.assignee_role.is_(None)),
        **{key: sa.and_(unnamed, Task.assignee_role == key) for key in ROLES},
    }
    return [conditions[who]] if who in conditions else []


def _due(due: str, now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    local = now.astimezone(zone())
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    conditions: Mapping[str, list[sa.ColumnElement[bool]]] = {
        "overdue": [Task.due_at < now],
        "today": [Task.due_at >= midnight, Task.due_at < midnight + dt.timedelta(days=1)],
        "week": [Task.due_at < midnight + dt.timedelta(days=7)],
        "none": [Task.due_at.is_(None)],
    }
    return conditions.get(due, [])
