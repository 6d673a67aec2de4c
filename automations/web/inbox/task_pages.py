"""Tasks: what people have to do, created by automations."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as Answer

from automations.models.access import audit
from automations.models.db.base import db, write
from automations.models.inbox import task_changes
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import Run
from automations.models.tables.task import DONE, OPEN, Task
from automations.web.inbox import task_search
from automations.web.kit import paging, scope, sorting
from automations.web.kit.fragments import render_part_or_page, wants_fragment
from automations.web.kit.permissions import can
from automations.web.records.record_links import link_to

bp = Blueprint("tasks", __name__, url_prefix="/tasks")

NOT_YOURS = "This task is for someone else. A manager can change it."


@bp.get("")
def index() -> Response:
    asked, sort = task_search.requested(), sorting.requested(task_search.SORTS)
    context: dict[str, Any] = {
        "listing": task_search.page(asked, sort),
        "sort": sort,
        "asked": asked,
        "now": dt.datetime.now(dt.UTC),
        "csv_url": paging.csv_url(),
    }
    context |= {"people": task_search.people(), "states": task_search.STATES, "dues": task_search.DUE}
    return render_part_or_page(
        "tasks/_list.html", "tasks/index.html", for_whom=task_search.for_whom, **context
    )


@bp.get("/<int:task_id>")
def show(task_id: int) -> str:
    task = scope.task_or_404(task_id)
    return render_template("tasks/show.html", **_about(task))


@bp.post("/<int:task_id>/checklist")
def tick(task_id: int) -> Response | Answer:
    task, item, user_id = _mine_or_403(task_id), request.form.get("item", type=int), g.user.id
    if item is None or not 0 <= item < len(task.checklist):
        abort(400, "This entry is no longer on the checklist. Reload the page.")
    with write() as session:
        done = request.form.get("done") == "yes"
        task_changes.tick(session, task_id, item, done)
        # By number: an entry's text may name a customer, and the audit log cannot be erased.
        action, about = "ticked" if done else "took the tick from", f"entry {item + 1} of task {task_id}"
        audit.note(session, action=action, about=about, store_id=g.store.id, user_id=user_id)
    if wants_fragment():
        task = scope.task_or_404(task_id)
        return render_part_or_page(
            "tasks/_checklist.html", "tasks/show.html", task=task, may_change=True, focus=item
        )
    return redirect(url_for(".show", task_id=task_id, _anchor="checklist"), 303)


@bp.post("/<int:task_id>/completion")
def finish(task_id: int) -> Answer:
    return _move(task_id, DONE, "“{}” is done.")


@bp.post("/<int:task_id>/reopening")
def reopen(task_id: int) -> Answer:
    return _move(task_id, OPEN, "“{}” is open again.")


def _move(task_id: int, state: str, sentence: str) -> Answer:
    title, user_id = _mine_or_403(task_id).title, g.user.id
    with write() as session:
        moved = task_changes.set_state(session, task_id, state, user_id, dt.datetime.now(dt.UTC))
    if moved:
        other_way = ".reopen" if state == DONE else ".finish"
        flash(sentence.format(title), f"undo {url_for(other_way, task_id=task_id)}")
    else:
        flash("Someone else already did that.", "warning")
    return redirect(url_for(".show", task_id=task_id), 303)


def _mine_or_403(task_id: int) -> Task:
    task = scope.task_or_404(task_id)
    if not _may_change(task):
        abort(403, NOT_YOURS)
    return task


def _may_change(task: Task) -> bool:
    return can("edit") or task_search.is_mine(task)


def _about(task: Task) -> dict[str, object]:
    """Return everything a task's page shows, for its template."""
    with_version = joinedload(Evaluation.version)
    made_by = sa.select(Evaluation).join(Run, Run.evaluation_id == Evaluation.id).where(Run.id == task.run_id)
    return {
        "task": task,
        "for_whom": task_search.for_whom(task),
        "may_change": _may_change(task),
        "evaluation": db.session.scalars(made_by.options(with_version)).one_or_none(),
        "record": link_to(task.subject, task.record_id),
        "done_by": db.session.get(User, task.done_by) if task.done_by else None,
        "now": dt.datetime.now(dt.UTC),
        "focus": None,
    }
