"""The checks that read the past, asked for once the builder is shown; nothing is saved."""

from __future__ import annotations

from flask import Blueprint, Response

from automations.web.builder import submit
from automations.web.kit.scope import automation_or_new

bp = Blueprint("automation_past_checks", __name__, url_prefix="/automations/<int:automation_id>")


@bp.post("/past-checks")
def create(automation_id: int) -> Response:
    automation = automation_or_new(automation_id)
    sent = submit.sent_form(submit.words_of_store())
    if sent.refusal:
        return submit.over_limit(automation, sent)
    return submit.page(automation, sent, fragment="automations/_checks.html", past=True)
