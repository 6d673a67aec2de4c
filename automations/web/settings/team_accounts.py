"""Settings: disabling a person's access, and enabling it again."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, url_for
from werkzeug.wrappers import Response

from automations.models.access import memberships
from automations.models.db.base import write
from automations.models.tables.people import Membership
from automations.web.kit.scope import by_id_or_404

bp = Blueprint("team_accounts", __name__, url_prefix="/settings/team/<int:membership_id>")


@bp.post("/disabling")
def disable(membership_id: int) -> Response:
    membership = by_id_or_404(Membership, membership_id)
    name = membership.user.name
    try:
        with write() as session:
            memberships.revoke_access(session, g.user, membership)
            stays = membership.user.disabled_at is not None
        undo = f"undo {url_for('.enable', membership_id=membership_id)}" if stays else "message"
        flash(f"{name} can no longer sign in here and is signed out everywhere.", undo)
    except memberships.TeamChangeRefused as error:
        flash(str(error), "error")
    return redirect(url_for("team.index"), 303)


@bp.post("/enabling")
def enable(membership_id: int) -> Response:
    membership = by_id_or_404(Membership, membership_id)
    with write() as session:
        memberships.restore_access(session, g.user, membership)
    flash(f"{membership.user.name} can sign in again.")
    return redirect(url_for("team.index"), 303)
