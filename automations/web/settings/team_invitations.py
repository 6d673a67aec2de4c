"""Settings: sending an invitation again to a person who has not used theirs."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, url_for
from werkzeug.wrappers import Response

from automations.models.access import memberships
from automations.models.db.base import write
from automations.models.tables.people import Membership
from automations.web.kit.scope import by_id_or_404

bp = Blueprint("team_invitations", __name__, url_prefix="/settings/team/<int:membership_id>/invitation")


@bp.post("")
def create(membership_id: int) -> Response:
    membership = by_id_or_404(Membership, membership_id)
    try:
        with write() as session:
            memberships.invite_again(session, g.user, membership)
        flash(
            f"A new invitation for {membership.user.name} is on its way. The previous link no longer works."
        )
    except memberships.TeamChangeRefused as error:
        flash(str(error), "error")
    return redirect(url_for("team.index"), 303)
