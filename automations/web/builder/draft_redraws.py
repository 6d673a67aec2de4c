"""Redraw the builder after a choice or an edit, without saving anything."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, g, request

from automations.web.builder import submit
from automations.web.builder.clip.clipboard import clipped, copy
from automations.web.builder.clip.pasting import paste, place_of
from automations.web.builder.removals import edited
from automations.web.kit.scope import automation_or_new

bp = Blueprint("automation_drafts", __name__, url_prefix="/automations/<int:automation_id>")
_LANGUAGE = "add-language-"


@bp.post("/draft-form")
def create(automation_id: int) -> Response:
    automation = automation_or_new(automation_id)
    words = submit.words_of_store()
    sent = submit.sent_form(words)
    if sent.refusal:
        return submit.over_limit(automation, sent)
    edit = request.form.get("edit", "")
    # What is added stands in the list beside the button.
    beside = (
        f"actions-{edit.removeprefix(_LANGUAGE)}-language" if edit.startswith(_LANGUAGE) else "action-kind"
    )
    data, focus = edited(sent, edit, request.form.get(beside, ""), words)
    clip = clipped()
    if edit.startswith("copy-"):
        g.clip_notes, g.clip_of_action, focus = [copy(data, edit)], edit.startswith("copy-action"), edit
    elif (place := place_of(edit)) is not None and clip:
        (g.clip_notes, focus), g.clip_of_action = paste(data, clip, words, place), clip.is_action
        g.clip_place = "-".join(map(str, place))
    return submit.page(automation, replace(sent, data=data), focus=focus)
