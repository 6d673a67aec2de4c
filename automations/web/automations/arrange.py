"""The order of the automations and their groups."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from automations.features.authoring import arranging, automation_listing
from automations.models.db.base import db, write
from automations.pipeline.evaluation import automation_order
from automations.web.automations import automation_list
from automations.web.kit.fragments import dom_id
from automations.web.kit.scope import automation_or_404
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("arrange", __name__, url_prefix="/automations")

bp.add_app_template_global(lambda: automation_order.groups(db.session(), g.store.id), "automation_groups")


@bp.get("/arrange")
def index() -> str:
    ids = automation_listing.matching_ids(db.session(), g.store)
    page = automation_list.page_of(ids, request.args.get("after", ""))
    context = {"page": page, "automations": automation_listing.automations(db.session(), page.ids)}
    start = ids.index(page.ids[0]) if page.ids else 0
    return render_template(
        "arrange/index.html", start=start, longest=automation_order.LONGEST_GROUP, **context
    )


@bp.post("/<int:automation_id>/place")
def move(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    with write() as session:
        up = request.form.get("to") == "up"
        step = arranging.move(session, automation, up, g.user, dt.datetime.now(dt.UTC))
        step_id = step.id if step else None
    if step_id:
        flash_undo(f"“{automation.name}” is moved {'up' if up else 'down'}.", step_id)
    return _back(automation_id)


@bp.post("/<int:automation_id>/group")
def put(automation_id: int) -> Response:
    automation, name = automation_or_404(automation_id), request.form.get("group", "")
    with write() as session:
        step = arranging.put_in_group(session, automation, name, g.user, dt.datetime.now(dt.UTC))
        step_id = step.id if step else None
    where = f"now in “{automation.group_name}”" if automation.group_name else "not in a group"
    flash_undo(f"“{automation.name}” is {where}.", step_id)
    return _back(automation_id)


def _back(automation_id: int) -> Response:
    after = request.form.get("after") or None
    return redirect(url_for(".index", after=after, _anchor=dom_id(f"automation-{automation_id}")), 303)
