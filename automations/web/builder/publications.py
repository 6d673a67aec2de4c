"""Publishing: save what was typed and make it the live version."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as Answer

from automations.web.builder import submit
from automations.web.kit.scope import automation_or_404

bp = Blueprint("automation_publications", __name__, url_prefix="/automations/<int:automation_id>")


@bp.post("/publications")
def create(automation_id: int) -> Response | Answer:
    automation = automation_or_404(automation_id)
    sent = submit.sent_form(submit.words_of_store())
    refusal = submit.save(automation, sent, publishing=True)
    if refusal:
        return refusal
    version = automation.latest_version
    sentence = f"Version {version.number} is published and live." if version else "Published."
    return submit.back_to_builder(automation, sentence)
