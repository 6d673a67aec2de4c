"""Publishing: what was typed is kept and becomes the live version."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as Answer

from automations.web import builder_saving
from automations.web.scope import automation_or_404

bp = Blueprint("automation_publications", __name__, url_prefix="/automations/<int:automation_id>")


@bp.post("/publications")
def create(automation_id: int) -> Response | Answer:
    automation = automation_or_404(automation_id)
    sent = builder_saving.sent_form(builder_saving.words_of_store())
    refusal = builder_saving.save(automation, sent, publishing=True)
    if refusal:
        return refusal
    number = automation.latest_version.number
    return builder_saving.done(automation, f"Published: version {number} is on from now.")
