"""Settings: making a new password for a person who lost theirs."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from automations.models import team
from automations.models.base import write
from automations.models.passwords import Passwords
from automations.models.people import Membership
from automations.web.scope import by_id_or_404

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
            password = team.new_password_for(session, g.user, membership, passwords)
    except team.NotPossible as error:
        flash(str(error), "error")
        return redirect(url_for("team.index"), 303)
    return render_template("settings/new_password.html", member=membership, password=password)
