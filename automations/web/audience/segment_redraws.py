"""Redraw the segment builder after a choice or an edit, without saving anything."""

from __future__ import annotations

from flask import Blueprint, Response, request

from automations.models.tables.segment import Segment
from automations.web.audience import segment_form
from automations.web.builder.removals import edited
from automations.web.builder.submit import words_of_store
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.open_twice import seen_values
from automations.web.kit.scope import by_id_or_404

bp = Blueprint("segment_drafts", __name__, url_prefix="/segments")


@bp.post("/draft-form", defaults={"segment_id": None})
@bp.post("/<int:segment_id>/draft-form")
def create(segment_id: int | None) -> Response:
    segment = by_id_or_404(Segment, segment_id) if segment_id else None
    words = words_of_store()
    sent = segment_form.sent(words)
    data, focus = edited(sent, request.form.get("edit", ""), "", words)
    form = segment_form.form_of(
        segment,
        sent.name,
        data["conditions"],
        words,
        problem=sent.refusal,
        focus=focus,
        seen=seen_values(request.form),
    )
    return render_part_or_page("segments/_form_answer.html", "segments/form.html", builder=form)
