"""Segments: named conditions on customers, and how many customers meet them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from automations.engine.wording.wording import condition_words
from automations.features.audience import segment_edits
from automations.models.db.base import db, write
from automations.models.tables.segment import Segment
from automations.pipeline.evaluation.segment_membership import rule_of, sizes
from automations.web.audience import segment_form
from automations.web.builder.submit import words_of_store
from automations.web.kit.open_twice import seen_values
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("segments", __name__, url_prefix="/segments")
CHANGED = "This segment was changed after you opened this page. Save again to replace that with yours."
NO_CONDITION = {"field": None, "operator": None, "value": None}


@dataclass(frozen=True)
class ListedSegment:
    """A segment, the customers it is about in words, and how many they are."""

    segment: Segment
    about: str
    size: int


@bp.get("")
def index() -> str:
    return _index()


@bp.get("/new")
def new() -> str:
    return _form(None, "", [NO_CONDITION])


@bp.post("")
def create() -> ResponseReturnValue:
    return _save(None)


@bp.get("/<int:segment_id>")
def edit(segment_id: int) -> str:
    segment = by_id_or_404(Segment, segment_id)
    return _form(segment, segment.name, segment.conditions)


@bp.post("/<int:segment_id>")
def update(segment_id: int) -> ResponseReturnValue:
    return _save(by_id_or_404(Segment, segment_id))


@bp.post("/<int:segment_id>/removal")
def destroy(segment_id: int) -> ResponseReturnValue:
    segment = by_id_or_404(Segment, segment_id)
    name = segment.name
    try:
        with write() as session:
            step_id = segment_edits.remove(session, g.store, g.user, segment).id
    except segment_edits.SegmentEditRefused as error:
        return _index(str(error)), 409
    flash_undo(f"“{name}” is removed.", step_id)
    return redirect(url_for("segments.index"), 303)


def _save(segment: Segment | None) -> ResponseReturnValue:
    words = words_of_store()
    sent = segment_form.sent(words)
    seen = seen_values(request.form)
    if sent.refusal:
        return _form(segment, sent.name, sent.data["conditions"], problem=sent.refusal, seen=seen), 422
    opened = segment_form.opened(segment, sent)
    name, conditions = opened.values["name"], segment_form.conditions_of(opened.values)
    if opened.clashes:
        return _form(segment, name, conditions, problem=CHANGED), 409
    try:
        with write() as session:
            now = dt.datetime.now(dt.UTC)
            step = None
            if segment:
                step = segment_edits.change(session, g.store, g.user, segment, name, conditions, now)
            saved = segment or segment_edits.save(session, g.store, g.user, None, name, conditions, now)
            step_id = step.id if step else None
    except segment_edits.SegmentEditRefused:
        return _form(segment, name, conditions, saving=True), 422
    flash_undo(f"“{saved.name}” is saved.", step_id)
    return _back()


def _form(segment: Segment | None, name: str, conditions: list[dict[str, Any]], **shown: Any) -> str:
    form = segment_form.form_of(segment, name, conditions, words_of_store(), **shown)
    return render_template("segments/form.html", builder=form)


def listed() -> list[ListedSegment]:
    """Return the store's segments by name."""
    rows = db.session.query(Segment).filter_by(store_id=g.store.id).order_by(Segment.name).all()
    words, count = words_of_store(), sizes(db.session(), g.store.id)
    subject = words.subject("customer")
    return [
        ListedSegment(
            row,
            ", and ".join(condition_words(condition, subject, words) for condition in rule_of(row).conditions)
            or "every customer",
            count.get(row.id, 0),
        )
        for row in rows
    ]


def _index(problem: str = "") -> str:
    return render_template("segments/index.html", rows=listed(), problem=problem)


def _back() -> Response:
    return redirect(url_for("segments.index"), 303)
