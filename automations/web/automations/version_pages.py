"""The version history of an automation, and restoring a version to the draft."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from automations.features.authoring import version_history
from automations.models.db.base import db, write
from automations.web.builder.submit import note_change
from automations.web.kit.scope import automation_or_404, version_or_404
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("automation_versions", __name__, url_prefix="/automations/<int:automation_id>/versions")


@bp.get("")
def index(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    entries = version_history.history(db.session(), g.store, automation)
    return render_template("automations/versions.html", automation=automation, entries=entries)


@bp.post("/<int:version_id>/restoration")
def restore(automation_id: int, version_id: int) -> Response:
    automation, version = automation_or_404(automation_id), version_or_404(version_id)
    if version.automation_id != automation.id:
        abort(404)
    with write() as session:
        now = dt.datetime.now(dt.UTC)
        step_id = version_history.restore(session, automation, version, g.user, now).id
        note_change(f"restored version {version.number} to the draft of", automation, now)
    flash_undo(f"The draft is now the same as version {version.number}. Publish it to make it live.", step_id)
    return redirect(url_for("automations.show", automation_id=automation_id), 303)
