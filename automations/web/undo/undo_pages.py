"""The Undo of a message: takes one change back, unless someone has changed it since."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, g, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.models.access import undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.db.base import run_in_write
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.web.kit import safe_redirect
from automations.web.kit.permissions import may
from automations.web.kit.scope import by_id_or_404
from automations.web.undo.undo_kinds import KINDS, Undone

bp = Blueprint("undo", __name__, url_prefix="/undo")


@bp.post("/<int:step_id>")
def create(step_id: int) -> Response:
    step, user_id, now = by_id_or_404(UndoStep, step_id), g.user.id, dt.datetime.now(dt.UTC)
    if step.kind not in KINDS:
        # An earlier release wrote it.
        abort(404)
    endpoint, take_back = KINDS[step.kind]
    if not may(endpoint):
        abort(403)
    back = safe_redirect.current_page()

    def work(session: Session) -> Undone:
        return take_back(
            session, undo_steps.begin_undo(session, step_id, now), session.get_one(User, user_id), now
        )

    try:
        undone = run_in_write(work)
    except CannotUndo as problem:
        flash(str(problem), "error")
        return redirect(back, 303)
    flash(undone.sentence)
    return redirect(undone.url or back, 303)
