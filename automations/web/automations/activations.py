"""Switching an automation on and off."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, flash, g, redirect
from werkzeug.wrappers import Response as Answer

from automations.features.authoring import publish, switching
from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.web.kit import safe_redirect
from automations.web.kit.fragments import go_to, render_notice, render_part_or_page, wants_fragment
from automations.web.kit.scope import automation_or_404
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("automation_activations", __name__, url_prefix="/automations/<int:automation_id>")

bp.add_app_template_global(publish.has_unpublished_changes)

SWITCHED = "automations/_switched.html"
UNPUBLISHED = "“{}” has never been published. Open it and publish it to switch it on."
ARCHIVED = "“{}” is archived. Restore it before you switch it on."


@bp.post("/activation")
def create(automation_id: int) -> Response | Answer:
    automation = automation_or_404(automation_id)
    if automation.archived_at:
        return _refused(ARCHIVED.format(automation.name))
    if automation.latest_version_id is None:
        return _refused(UNPUBLISHED.format(automation.name))
    was_paused = automation.paused_at is not None
    with write() as session:
        step_id = switching.switch(session, automation, True, g.user, dt.datetime.now(dt.UTC))
    return _answer(automation, f"“{automation.name}” is on.", step_id, whole_page=was_paused)


@bp.post("/deactivation")
def destroy(automation_id: int) -> Response | Answer:
    automation = automation_or_404(automation_id)
    with write() as session:
        step_id = switching.switch(session, automation, False, g.user, dt.datetime.now(dt.UTC))
    return _answer(automation, f"“{automation.name}” is off.", step_id)


def _answer(
    automation: Automation, sentence: str, step_id: int | None, whole_page: bool = False
) -> Response | Answer:
    """Redraw the switch, or the whole page if `whole_page`: more of it than the switch shows the state."""
    flash_undo(sentence, step_id)
    if wants_fragment() and not whole_page:
        return render_part_or_page(SWITCHED, SWITCHED, automation=automation, focus=True)
    return go_to(safe_redirect.current_page())


def _refused(sentence: str) -> Response | Answer:
    if wants_fragment():
        return render_notice(sentence, 422)
    flash(sentence, "warning")
    return redirect(safe_redirect.current_page(), 303)
