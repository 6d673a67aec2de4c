"""Settings: changing a person's role."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.models.access import memberships
from automations.models.db.base import write
from automations.models.tables.people import ROLES, Membership
from automations.web.kit.scope import by_id_or_404

bp = Blueprint("team_roles", __name__, url_prefix="/settings/team/<int:membership_id>/role")


@bp.post("")
def update(membership_id: int) -> Response:
    role = request.form.get("role", "")
    if role not in ROLES:
        abort(400, "Choose one of the roles.")
    membership = by_id_or_404(Membership, membership_id)
    try:
        with write() as session:
            memberships.change_role(session, g.user, membership, role)
        flash(f"{membership.user.name} is {role} now and has to sign in again.")
    except memberships.TeamChangeRefused as error:
        flash(str(error), "error")
    return redirect(url_for("team.index"), 303)
