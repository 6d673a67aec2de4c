"""Redraw an expectation's form after a choice or an edit, and look at its past; nothing is saved."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from automations.models.tables.expectation import Expectation
from automations.web.builder.removals import edited
from automations.web.builder.submit import words_of_store
from automations.web.expectations import expectation_form
from automations.web.kit.fragments import render_part_or_page, wants_fragment
from automations.web.kit.scope import by_id_or_404

bp = Blueprint("expectation_drafts", __name__, url_prefix="/expectations")
FORM, PAST, PAGE = "expectations/_form_answer.html", "expectations/_past_card.html", "expectations/form.html"


@bp.post("/draft-form")
def create() -> Response:
    return _drawn(FORM, look=not wants_fragment())


@bp.post("/past")
def look() -> Response:
    """Look at the last 30 days; without JavaScript on the whole page."""
    return _drawn(PAST, look=True)


def _drawn(fragment: str, look: bool) -> Response:
    words, number = words_of_store(), request.form.get("expectation", "")
    known = number.isascii() and number.isdigit() and len(number) < 18
    expectation = by_id_or_404(Expectation, int(number)) if known else None
    written, submitted = expectation_form.sent(words)
    data, focus = edited(submitted, request.form.get("edit", ""), "", words)
    written = expectation_form.edited(written, data)
    shown: dict[str, Any] = {"problem": submitted.refusal, "focus": focus, "look": look}
    form = expectation_form.form_of(expectation, written, words, **shown)
    return render_part_or_page(fragment, PAGE, builder=form)
