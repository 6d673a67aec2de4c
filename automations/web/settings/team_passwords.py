"""Settings: making a new password for a person who lost theirs."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from automations.models.access import memberships
from automations.models.access.password_hashing import Passwords
from automations.models.db.base import write
from automations.models.tables.people import Membership
from automations.web.kit.scope import by_id_or_404

bp = Blueprint("team_passwords", __name__, url_prefix="/settings/team/<int:membership_id>/password")


@bp.get("")
def new(membership_id: int) -> str:
    return render_template("settings/new_password.html", member=by_id_or_404(Membership, membership_id))


@bp.post("")
def create(membership_id: int) -> Response | str:
    membership = by_id_or_404(Membership, membership_id)
    try:
        with write() as session:
            passwords = Passwords(current_app.config["ARGON2"])
            password = memberships.reset_password(session, g.user, membership, passwords)
    except memberships.TeamChangeRefused as error:
        flash(str(error), "error")
        return redirect(url_for("team.index"), 303)
    return render_template("settings/new_password.html", member=membership, password=password)
