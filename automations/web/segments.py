"""Segments: named conditions over customers, and how many fit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from automations.engine.operators import OPERATORS
from automations.engine.subject import NOW, Subject
from automations.engine.wording import condition_words
from automations.models.base import db, write
from automations.models.segment import Segment
from automations.pipeline import segment_edits
from automations.pipeline.segments import rule_of, sizes
from automations.web.record_kinds import words
from automations.web.scope import by_id_or_404

bp = Blueprint("segments", __name__, url_prefix="/segments")
#: Conditions a form has room for, and those that stand ready empty.
MOST, SPARE = 12, 2


@bp.get("")
def index() -> str:
    return _index()


@bp.get("/new")
def new() -> str:
    return _form(None, "", [])


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
            segment_edits.remove(session, g.store, g.user, segment)
    except segment_edits.NotPossible as error:
        return _index(str(error)), 409
    flash(f"“{name}” is removed.")
    return redirect(url_for("segments.index"), 303)


def _save(segment: Segment | None) -> ResponseReturnValue:
    name, conditions = request.form.get("name", ""), read(request.form)
    try:
        with write() as session:
            saved = segment_edits.save(
                session, g.store, g.user, segment, name, conditions, dt.datetime.now(dt.UTC)
            )
    except segment_edits.NotPossible as error:
        problems = {one.path: one.sentence for one in error.problems}
        return _form(segment, name, conditions, problems), 422
    flash(f"“{saved.name}” is saved.")
    return _back()


def read(form: MultiDict[str, str]) -> list[dict[str, Any]]:
    """The conditions of a form; rows without a field are left out."""
    found = []
    for place in range(MOST):
        field, operator, value = (form.get(f"{name}-{place}", "") for name in ("field", "operator", "value"))
        if field:
            found.append({"field": field, "operator": operator, "value": value.strip() or None})
    return found


def subject() -> Subject:
    """Customers with the store's own fields, without what depends on the moment."""
    return words().subject("customer")


def _form(segment: Segment | None, name: str, conditions: list[dict[str, Any]], problems: Any = None) -> str:
    whole = subject()
    fields = [field for key, field in whole.fields.items() if not key.startswith(NOW)]
    rows = [*conditions, *({} for _ in range(SPARE))][:MOST]
    told = {"fields": fields, "operators": OPERATORS.values(), "rows": rows, "name": name}
    return render_template("segments/form.html", segment=segment, problems=problems or {}, **told)


def _index(problem: str = "") -> str:
    rows = db.session.query(Segment).filter_by(store_id=g.store.id).order_by(Segment.name).all()
    told = {
        row.id: [condition_words(one, subject(), words()) for one in rule_of(row).conditions] for row in rows
    }
    count = sizes(db.session(), g.store.id)
    return render_template("segments/index.html", rows=rows, told=told, count=count, problem=problem)


def _back() -> Response:
    return redirect(url_for("segments.index"), 303)
