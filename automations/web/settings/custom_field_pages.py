"""Settings: the store's custom fields."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from automations.engine.fields.subjects import SUBJECTS
from automations.features.authoring import custom_field_edits
from automations.models.db.base import db, write
from automations.models.tables.custom_field import CustomField
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("custom_fields", __name__, url_prefix="/settings/fields")
FIELDS = ("subject", "label", "type", "choices")


@bp.get("")
def index() -> str:
    return _page()


@bp.post("")
def create() -> ResponseReturnValue:
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        with write() as session:
            row, step = custom_field_edits.add(session, g.store, g.user, **typed)
            step_id = step.id
    except custom_field_edits.FieldEditRefused as error:
        return _page(typed, str(error)), 422
    flash_undo(f"“{row.label}” is added. You can now use it in forms and conditions.", step_id)
    return _back()


@bp.post("/<int:field_id>")
def update(field_id: int) -> ResponseReturnValue:
    row = by_id_or_404(CustomField, field_id)
    try:
        with write() as session:
            step = custom_field_edits.rename(session, g.store, g.user, row, request.form.get("label", ""))
    except custom_field_edits.FieldEditRefused as error:
        return _page(problem=str(error)), 422
    flash_undo(f"It is now called “{row.label}” wherever it is used.", step.id if step else None)
    return _back()


@bp.post("/<int:field_id>/removal")
def destroy(field_id: int) -> ResponseReturnValue:
    row = by_id_or_404(CustomField, field_id)
    label = row.label
    try:
        with write() as session:
            now = dt.datetime.now(dt.UTC)
            step_id = custom_field_edits.remove(session, g.store, g.user, row, now).id
    except custom_field_edits.FieldEditRefused as error:
        return _page(problem=str(error)), 409
    flash_undo(f"“{label}” is removed.", step_id)
    return _back()


def _page(typed: object = None, problem: str = "") -> str:
    rows = custom_field_edits.entries(db.session(), g.store.id)
    context = {
        "types": custom_field_edits.TYPE_LABELS,
        "subjects": SUBJECTS,
        "given": typed,
        "problem": problem,
    }
    return render_template("settings/custom_fields.html", rows=rows, **context)


def _back() -> Response:
    return redirect(url_for("custom_fields.index"), 303)
