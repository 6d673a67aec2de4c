"""Redraw the builder after a choice or an edit, without saving anything."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from automations.web.builder import submit
from automations.web.builder.form_edits import apply_edit
from automations.web.kit.scope import automation_or_404

bp = Blueprint("automation_drafts", __name__, url_prefix="/automations/<int:automation_id>")


@bp.post("/draft-form")
def create(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    words = submit.words_of_store()
    sent = submit.sent_form(words)
    if sent.refusal:
        return submit.over_limit(automation, sent)
    edit, kind = request.form.get("edit", ""), request.form.get("action-kind", "")
    data, focus = apply_edit(sent, edit, kind, words)
    return submit.page(automation, replace(sent, data=data), focus=focus)
