"""Duplicating an automation."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect, url_for
from werkzeug.wrappers import Response

from automations.features.authoring.duplicate import duplicate
from automations.models.db.base import write
from automations.web.builder.submit import note_change
from automations.web.kit.scope import automation_or_404

bp = Blueprint("automation_copies", __name__, url_prefix="/automations/<int:automation_id>")


@bp.post("/copies")
def create(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    with write() as session:
        now = dt.datetime.now(dt.UTC)
        copy = duplicate(session, g.store, automation, g.user, now)
        note_change("copied", automation, now)
        copy_id, name = copy.id, automation.name
    flash(f"This is a copy of “{name}”. It is off until you publish it.")
    return redirect(url_for("automations.show", automation_id=copy_id), 303)
