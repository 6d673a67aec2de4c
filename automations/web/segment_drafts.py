"""Redraw the segment builder after a choice or an edit, without saving anything."""

from __future__ import annotations

from flask import Blueprint, Response, request

from automations.models.segment import Segment
from automations.web import segment_form
from automations.web.builder_edits import apply_edit
from automations.web.builder_saving import words_of_store
from automations.web.fragments import render_part_or_page
from automations.web.scope import by_id_or_404

bp = Blueprint("segment_drafts", __name__, url_prefix="/segments")


@bp.post("/draft-form", defaults={"segment_id": None})
@bp.post("/<int:segment_id>/draft-form")
def create(segment_id: int | None) -> Response:
    segment = by_id_or_404(Segment, segment_id) if segment_id else None
    words = words_of_store()
    sent = segment_form.sent(words)
    data, focus = apply_edit(sent, request.form.get("edit", ""), "", words)
    form = segment_form.form_of(
        segment, sent.name, data["conditions"], words, problem=sent.refusal, focus=focus
    )
    return render_part_or_page("segments/_form.html", "segments/form.html", builder=form)
