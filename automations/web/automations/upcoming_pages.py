"""What an automation will do next, for which record and when. Each action can be skipped or sent now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.engine.fields.subjects import SUBJECTS
from automations.features.history.upcoming_runs import upcoming
from automations.features.scheduling import upcoming_decisions
from automations.features.scheduling.send_early import send_due
from automations.models.db.base import db, write
from automations.models.tables.run import Run
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.runs.run_decisions import AlreadyDecided
from automations.web.kit.scope import LARGEST_ID, automation_or_404, by_id_or_404
from automations.web.kit.undo_links import flash_undo
from automations.web.records.record_links import links_to

SHOWN = 100
SKIPPED, SENT = "The action is skipped.", "It is sent now. That cannot be undone."

bp = Blueprint("upcoming", __name__, url_prefix="/automations/<int:automation_id>/upcoming")


@bp.get("")
def index(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    lines = upcoming(db.session(), g.store, automation, SHOWN + 1, now=dt.datetime.now(dt.UTC))
    links = links_to((line.subject, line.record_id) for line in lines)
    more = len(lines) > SHOWN
    context = {"automation": automation, "coming": lines[:SHOWN], "links": links, "more": more}
    return render_template("upcoming/index.html", **context)


@bp.post("/runs/<int:run_id>/skip")
def skip_run(automation_id: int, run_id: int) -> Response:
    _run_or_404(automation_id, run_id)
    now = dt.datetime.now(dt.UTC)
    work = upcoming_decisions.skip_run
    return _decide(automation_id, lambda s: work(s, s.get_one(Run, run_id), g.user, now), SKIPPED)


@bp.post("/runs/<int:run_id>/sending")
def send_now(automation_id: int, run_id: int) -> Response:
    _run_or_404(automation_id, run_id)
    now = dt.datetime.now(dt.UTC)
    work = upcoming_decisions.send_now
    return _decide(automation_id, lambda s: work(s, s.get_one(Run, run_id), g.user, now), SENT)


@bp.post("/skip")
def skip(automation_id: int) -> Response:
    automation, (subject, record_id, at) = automation_or_404(automation_id), _instant()
    now = dt.datetime.now(dt.UTC)
    work = upcoming_decisions.skip_due
    if (subject, record_id) not in links_to([(subject, record_id)]):
        abort(404)
    return _decide(automation_id, lambda s: work(s, automation, subject, record_id, at, g.user, now), SKIPPED)


@bp.post("/sending")
def send_ahead(automation_id: int) -> Response:
    automation, (_, record_id, at) = automation_or_404(automation_id), _instant()
    now = dt.datetime.now(dt.UTC)
    return _decide(automation_id, lambda s: send_due(s, automation, record_id, at, g.user, now), SENT)


def _run_or_404(automation_id: int, run_id: int) -> None:
    if by_id_or_404(Run, run_id).evaluation.automation_id != automation_id:
        abort(404)


def _instant() -> tuple[str, int, dt.datetime]:
    """Return the subject, record id and time of the form; aborts with 400 if they cannot be read."""
    form = request.form
    record, subject = form.get("record", ""), form.get("subject", "")
    try:
        at = dt.datetime.fromisoformat(form.get("at", ""))
    except ValueError:
        abort(400, "The time could not be read. Reload the page and try again.")
    if at.tzinfo is None or subject not in SUBJECTS or not (record.isascii() and record.isdigit()):
        abort(400, "The form does not name a due action. Reload the page and try again.")
    return subject, min(int(record[:19]), LARGEST_ID), at


def _decide(automation_id: int, work: Callable[[Session], UndoStep | None], sentence: str) -> Response:
    try:
        with write() as session:
            step = work(session)
            step_id = step.id if step else None
        flash_undo(sentence, step_id)
    except AlreadyDecided as error:
        flash(str(error), "error")
    return redirect(url_for(".index", automation_id=automation_id), 303)
