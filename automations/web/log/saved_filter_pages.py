"""Naming a filter of the log, changing its name or who sees it, and removing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from automations.features.history import saved_filters
from automations.features.history.saved_filters import FilterRefused
from automations.models.db.base import run_in_write
from automations.models.tables.people import User
from automations.models.tables.saved_filter import SavedFilter
from automations.models.tables.store import Store
from automations.web.kit.form_clashes import changed_elsewhere
from automations.web.kit.open_twice import combined
from automations.web.kit.permissions import can
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.undo_links import flash_undo
from automations.web.log import activity_filters

bp = Blueprint("saved_filters", __name__, url_prefix="/activity/filters")


@bp.post("")
def create() -> ResponseReturnValue:
    arguments: dict[str, Any] = activity_filters.requested().arguments
    name, shared = _name(request.form), _shared(request.form)
    store_id, user_id = g.store.id, g.user.id

    def work(session: Session) -> None:
        whose = session.get_one(Store, store_id), session.get_one(User, user_id)
        saved_filters.save(session, *whose, name, arguments, shared, dt.datetime.now(dt.UTC))

    try:
        run_in_write(work)
    except FilterRefused as problem:
        return _form(None, name, shared, str(problem), arguments), 422
    flash(f"The filter “{name}” is saved.")
    return redirect(url_for("activity.index", **arguments), 303)


@bp.get("/<int:saved_filter_id>/edit")
def edit(saved_filter_id: int) -> str:
    saved = _mine_or_404(saved_filter_id)
    return _form(saved, saved.name, saved.shared)


@bp.post("/<int:saved_filter_id>")
def update(saved_filter_id: int) -> ResponseReturnValue:
    saved, user_id = _mine_or_404(saved_filter_id), g.user.id
    opened = combined(request.form, _stored(saved))
    name = _name(opened.values)
    # Whoever may not share leaves it as it is.
    shared = _shared(opened.values) if can("edit") else saved.shared
    if "name" in opened.clashes:
        return _form(saved, name, shared, changed_elsewhere(saved.name)), 409

    def work(session: Session) -> None:
        row, user = session.get_one(SavedFilter, saved_filter_id), session.get_one(User, user_id)
        saved_filters.change(session, row, user, name, shared)

    try:
        run_in_write(work)
    except FilterRefused as problem:
        return _form(by_id_or_404(SavedFilter, saved_filter_id), name, shared, str(problem)), 422
    flash(f"The filter “{name}” is saved.")
    row = by_id_or_404(SavedFilter, saved_filter_id)
    return redirect(url_for("activity.index", **row.arguments), 303)


@bp.post("/<int:saved_filter_id>/removal")
def destroy(saved_filter_id: int) -> ResponseReturnValue:
    name, user_id = _mine_or_404(saved_filter_id).name, g.user.id

    def work(session: Session) -> int:
        row, user = session.get_one(SavedFilter, saved_filter_id), session.get_one(User, user_id)
        return saved_filters.remove(session, row, user).id

    flash_undo(f"The filter “{name}” is removed.", run_in_write(work))
    return redirect(url_for("activity.index"), 303)


def _mine_or_404(saved_filter_id: int) -> SavedFilter:
    """Return the person's own filter; an admin may also change what others share."""
    saved: SavedFilter = by_id_or_404(SavedFilter, saved_filter_id)
    if saved.user_id != g.user.id and not (saved.shared and can("admin")):
        abort(404)
    return saved


def _name(sent: Mapping[str, str]) -> str:
    return " ".join(sent.get("name", "").split())


def _shared(sent: Mapping[str, str]) -> bool:
    return "shared" in sent and can("edit")


def _stored(saved: SavedFilter) -> dict[str, str]:
    return {"name": saved.name} | ({"shared": "1" if saved.shared else ""} if can("edit") else {})


def _form(
    saved: SavedFilter | None,
    name: str,
    shared: bool,
    problem: str = "",
    arguments: dict[str, str] | None = None,
) -> str:
    context: dict[str, Any] = {"saved": saved, "name": name, "shared": shared, "problem": problem}
    context |= {"stored": _stored(saved)} if saved else {}
    return render_template("activity/saved_filter.html", arguments=arguments or {}, **context)
