"""Which tasks the list shows, and its pages by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, request
from sqlalchemy.orm import joinedload

from automations.actions.recipients import ROLES
from automations.models.base import db
from automations.models.people import Membership, User
from automations.models.task import DONE, OPEN, Task
from automations.web.filters import zone
from automations.web.paging import LENGTH, Page, page_of, with_arguments
from automations.web.scope import LARGEST_ID

STATES = {OPEN: "Open", DONE: "Done"}
DUE = {"overdue": "Overdue", "today": "Due today", "week": "Due in 7 days", "none": "Without a date"}
MINE, NOBODY = "mine", "nobody"


@dataclass(frozen=True)
class Asked:
    """The filters of the address; an unknown one reads as none."""

    state: str
    who: str
    due: str

    @property
    def any(self) -> bool:
        return bool(self.who or self.due or self.state != OPEN)


def asked() -> Asked:
    """What this request asks for."""
    given = request.args
    state, due = given.get("state", OPEN), given.get("due", "")
    return Asked(state if state in STATES else OPEN, given.get("who", ""), due if due in DUE else "")


def people() -> dict[str, str]:
    """Who tasks may be for, as options of the filter."""
    members = sa.select(User.id, User.name).join(Membership, Membership.user_id == User.id)
    named = db.session.execute(members.where(Membership.store_id == g.store.id).order_by(User.name))
    start = {MINE: "For me", NOBODY: "For nobody in particular"}
    roles = {key: role.label for key, role in ROLES.items()}
    return start | roles | {f"user:{id}": name for id, name in named}


def page(wanted: Asked) -> Page:
    """Open tasks by when they are due, those without a date last; done ones newest first."""
    query = sa.select(Task).where(Task.store_id == g.store.id, Task.state == wanted.state)
    query = query.where(*_whose(wanted.who), *_due(wanted.due, dt.datetime.now(dt.UTC)))
    query = query.options(joinedload(Task.assignee))
    return page_of(query, Task.id) if wanted.state == DONE else _by_due(query)


def for_whom(task: Task) -> str:
    """ "Rosa Lind", "The managers", "" for nobody in particular."""
    if task.assignee:
        return task.assignee.name
    return ROLES[task.assignee_role].label if task.assignee_role in ROLES else ""


def is_mine(task: Task) -> bool:
    """Whether it is for the signed-in person, by name, by role, or for anybody."""
    if task.assignee_id is not None:
        return bool(task.assignee_id == g.user.id)
    return task.assignee_role is None or task.assignee_role in _my_roles()


def _by_due(query: sa.Select[Any]) -> Page:
    last = _last_shown()
    if last is not None:
        query = query.where(_after(last))
    ordered = query.order_by(Task.due_at.is_(None), Task.due_at, Task.id).limit(LENGTH + 1)
    rows = db.session.scalars(ordered).all()
    more = with_arguments(after=rows[LENGTH - 1].id) if len(rows) > LENGTH else ""
    return Page(rows[:LENGTH], more, with_arguments(after=None) if "after" in request.args else "")


def _last_shown() -> Task | None:
    """The task the page before ended with."""
    given = request.args.get("after", "")
    if not (given.isascii() and given.isdigit()):
        return None
    mine = sa.select(Task).where(Task.store_id == g.store.id, Task.id == min(int(given[:19]), LARGEST_ID))
    return db.session.scalar(mine)


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
    found: Mapping[str, sa.ColumnElement[bool]] = {
        MINE: sa.or_(Task.assignee_id == g.user.id, sa.and_(unnamed, Task.assignee_role.in_(_my_roles()))),
        NOBODY: sa.and_(unnamed, Task.assignee_role.is_(None)),
        **{key: sa.and_(unnamed, Task.assignee_role == key) for key in ROLES},
    }
    return [found[who]] if who in found else []


def _due(due: str, now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    local = now.astimezone(zone())
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found: Mapping[str, list[sa.ColumnElement[bool]]] = {
        "overdue": [Task.due_at < now],
        "today": [Task.due_at >= midnight, Task.due_at < midnight + dt.timedelta(days=1)],
        "week": [Task.due_at < midnight + dt.timedelta(days=7)],
        "none": [Task.due_at.is_(None)],
    }
    return found.get(due, [])
