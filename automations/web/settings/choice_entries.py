"""Settings: the entries of a list."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from automations.features.authoring import choice_lists
from automations.features.authoring.choice_uses import automations_using
from automations.models.db.base import db, write
from automations.models.settings.choices import LIST_LABELS
from automations.models.tables.store import Choice
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.undo_links import flash_undo
from automations.web.settings import choice_list_pages

bp = Blueprint("choices", __name__, url_prefix="/settings")


@bp.post("/lists/<list_key>/choices")
def create(list_key: str) -> ResponseReturnValue:
    if list_key not in LIST_LABELS:
        abort(404)
    label = request.form.get("label", "")
    try:
        with write() as session:
            choice, step = choice_lists.add(session, g.store, g.user, list_key, label)
            step_id = step.id
    except choice_lists.ChoiceRefused as error:
        return choice_list_pages.page(list_key, form={"label": label}, problem=error), 422
    flash_undo(f"“{choice.label}” is added.", step_id)
    return _back(list_key)


@bp.get("/choices/<int:choice_id>")
def edit(choice_id: int) -> str:
    choice = by_id_or_404(Choice, choice_id)
    return _edit_page(choice, choice.label)


@bp.post("/choices/<int:choice_id>")
def update(choice_id: int) -> ResponseReturnValue:
    choice, label = by_id_or_404(Choice, choice_id), request.form.get("label", "")
    try:
        with write() as session:
            step = choice_lists.rename(session, g.store, g.user, choice, label)
    except choice_lists.ChoiceRefused as error:
        return _edit_page(choice, label, error), 422
    flash_undo(f"It is now called “{choice.label}” wherever it is used.", step.id if step else None)
    return _back(choice.list_key)


@bp.post("/choices/<int:choice_id>/place")
def move(choice_id: int) -> Response:
    choice = by_id_or_404(Choice, choice_id)
    with write() as session:
        up = request.form.get("to") == "up"
        step = choice_lists.move(session, g.store, g.user, choice, up)
    if step:
        flash_undo(f"“{choice.label}” is moved {'up' if up else 'down'}.", step.id)
    return _back(choice.list_key)


@bp.post("/choices/<int:choice_id>/removal")
def destroy(choice_id: int) -> ResponseReturnValue:
    choice = by_id_or_404(Choice, choice_id)
    list_key, label = choice.list_key, choice.label
    try:
        with write() as session:
            step_id = choice_lists.remove(session, g.store, g.user, choice).id
    except choice_lists.ChoiceRefused as error:
        return choice_list_pages.page(list_key, problem=error), 409
    flash_undo(f"“{label}” is removed.", step_id)
    return _back(list_key)


def _edit_page(choice: Choice, label: str, problem: choice_lists.ChoiceRefused | None = None) -> str:
    context = {"label": label, "labels": LIST_LABELS, "problem": problem}
    used_by = automations_using(db.session(), choice)
    return render_template("settings/choice.html", choice=choice, used_by=used_by, **context)


def _back(list_key: str) -> Response:
    return redirect(url_for("lists.index", list_key=list_key), 303)
