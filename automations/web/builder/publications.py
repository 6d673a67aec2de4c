"""Publishing: save what was typed and make it the live version."""

from __future__ import annotations

from flask import Blueprint, Response, g
from werkzeug.wrappers import Response as Answer

from automations.web.builder import submit
from automations.web.builder.publish_warnings import empty_fields_of
from automations.web.kit.scope import automation_or_404

bp = Blueprint("automation_publications", __name__, url_prefix="/automations/<int:automation_id>")

#: The most fields that may be empty, named in the sentence after publishing; the page lists them all.
MOST_NAMED = 3


@bp.post("/publications")
def create(automation_id: int) -> Response | Answer:
    automation = automation_or_404(automation_id)
    sent = submit.sent_form(submit.words_of_store())
    refusal = submit.save(automation, sent, publishing=True)
    if refusal:
        return refusal
    version = automation.latest_version
    sentence = f"Version {version.number} is published and live." if version else "Published."
    empty = empty_fields_of(g.store, submit.words_of_store(), automation.draft, ())
    sentences = [sentence, *(one.sentence for one in empty[:MOST_NAMED])]
    return submit.back_to_builder(automation, " ".join(sentences))
