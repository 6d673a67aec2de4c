"""The Undo of a message: takes one change back, unless someone has changed it since."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.models.access import undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.db.base import run_in_write
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.web.kit import safe_redirect
from automations.web.kit.permissions import PERMISSIONS, may
from automations.web.kit.scope import by_id_or_404
from automations.web.request.authorization import only_for
from automations.web.undo import undo_words
from automations.web.undo.undo_kinds import KINDS
from automations.web.undo.undo_rehearsal import rehearse_undo
from automations.web.undo.undone import TakeBack, Undone

bp = Blueprint("undo", __name__, url_prefix="/undo")


@bp.get("/<int:step_id>")
def show(step_id: int) -> str:
    """Show what the undo would change and which automations it would fire, and ask."""
    step, take_back = _may_take_back(step_id)
    context: dict[str, Any] = {"step": step, "problem": "", "back": url_for("home.show")}
    context["record"] = undo_words.of_step(step)
    try:
        tried = rehearse_undo(step_id, take_back, g.user.id, dt.datetime.now(dt.UTC))
        context |= {name: getattr(tried, name) for name in ("outcomes", "done", "about", "values")}
        context["back"] = tried.undone.url or context["back"]
    except CannotUndo as problem:
        context["problem"] = str(problem)
    return render_template("undo/show.html", **context)


@bp.post("/<int:step_id>")
def create(step_id: int) -> Response:
    """Take the change back; if automations would fire, only once the person has said so."""
    (step, take_back), user_id, now = _may_take_back(step_id), g.user.id, dt.datetime.now(dt.UTC)
    back, kind = safe_redirect.current_page(), step.kind

    def work(session: Session) -> Undone:
        return take_back(
            session, undo_steps.begin_undo(session, step_id, now), session.get_one(User, user_id), now
        )

    try:
        asks = kind == undo_steps.RECORD_EDIT and "sure" not in request.form
        if asks and rehearse_undo(step_id, take_back, user_id, now).is_asked:
            return redirect(url_for(".show", step_id=step_id), 303)
        undone = run_in_write(work)
    except CannotUndo as problem:
        flash(str(problem), "error")
        return redirect(back, 303)
    flash(undone.sentence)
    return redirect(undone.url or back, 303)


def _may_take_back(step_id: int) -> tuple[UndoStep, TakeBack]:
    step = by_id_or_404(UndoStep, step_id)
    if step.kind not in KINDS:
        # An earlier release wrote it.
        abort(404)
    endpoint, take_back = KINDS[step.kind]
    return (step, take_back) if may(endpoint) else abort(403, only_for(PERMISSIONS[endpoint]))
