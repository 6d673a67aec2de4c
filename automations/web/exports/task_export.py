"""The tasks as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from flask import Blueprint, Response
from sqlalchemy.orm import joinedload

from automations.models.db.base import db
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import Run
from automations.models.tables.task import Task
from automations.web.exports.csv_response import csv_response, local, pieces
from automations.web.inbox import task_search
from automations.web.records.record_links import links_to

bp = Blueprint("task_exports", __name__)

HEADINGS = (
    "Task",
    "About",
    "State",
    "For",
    "Due",
    "Priority",
    "Description",
    "Checklist",
    "By the automation",
    "Created",
    "Done",
    "Done by",
)


@bp.get("/tasks.csv")
def export() -> Response:
    """Return the tasks that the list shows with the same filters, newest first."""
    query = task_search.matching(task_search.requested()).options(joinedload(Task.assignee))
    return csv_response("tasks", HEADINGS, _rows(query), "the tasks")


def _rows(query: sa.Select[Task]) -> Iterator[Sequence[str]]:
    for tasks in pieces(query, Task.id):
        records = links_to((task.subject, task.record_id) for task in tasks)
        done_by = {task.done_by for task in tasks if task.done_by}
        people = _named(sa.select(User.id, User.name).where(User.id.in_(done_by)))
        made_by = sa.select(Run.id, Version.name).join(Evaluation, Evaluation.id == Run.evaluation_id)
        made_by = made_by.join(Version, Version.id == Evaluation.version_id)
        automations = _named(made_by.where(Run.id.in_([task.run_id for task in tasks if task.run_id])))
        for task in tasks:
            about, _ = records.get((task.subject, task.record_id), ("", ""))
            by = automations.get(task.run_id or 0, "")
            yield _cells(task, about, by, people.get(task.done_by or 0, ""))


def _named(query: sa.Select[int, str]) -> Mapping[int, str]:
    return {row[0]: row[1] for row in db.session.execute(query)}


def _cells(task: Task, about: str, made_by: str, done_by: str) -> Sequence[str]:
    due, created, done = (local(moment) for moment in (task.due_at, task.created_at, task.done_at))
    checklist = "; ".join(f"[{'x' if item['done'] else ' '}] {item['text']}" for item in task.checklist)
    state, for_whom = task_search.STATES[task.state], task_search.for_whom(task)
    what = (task.title, about, state, for_whom, due, task.priority.capitalize(), task.description, checklist)
    return *what, made_by, created, done, done_by
