"""The tasks as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response
from sqlalchemy.orm import joinedload

from automations.models.tables.task import Task
from automations.web.exports.csv_response import csv_response, newest_first
from automations.web.inbox import task_search
from automations.web.records.kind_pages import store_words

bp = Blueprint("task_exports", __name__)

HEADINGS = ("Task", "State", "For", "Due", "Priority", "Description", "Checklist", "Created", "Done")


@bp.get("/tasks.csv")
def export() -> Response:
    """Return the tasks that the list shows with the same filters, newest first."""
    query = task_search.matching(task_search.requested()).options(joinedload(Task.assignee))
    return csv_response("tasks", HEADINGS, newest_first(query, Task.id, _rows_of), "the tasks")


def _rows_of(task: Task) -> Iterator[tuple[str, ...]]:
    due, created, done = (
        store_words().local(moment).isoformat(" ", "minutes") if moment else ""
        for moment in (task.due_at, task.created_at, task.done_at)
    )
    checklist = "; ".join(f"[{'x' if item['done'] else ' '}] {item['text']}" for item in task.checklist)
    state, for_whom = task_search.STATES[task.state], task_search.for_whom(task)
    yield task.title, state, for_whom, due, task.priority, task.description, checklist, created, done
