"""Settings: the people of the store."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, make_response, render_template
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, StringField
from wtforms.validators import DataRequired

from automations.models.access import memberships, password_tokens
from automations.models.access.password_hashing import Passwords
from automations.models.db.base import db, write
from automations.web.kit.form_helpers import add_error, collapse_spaces, email_address, options
from automations.web.kit.short_enough import ShortEnough

ROLES = (
    ("viewer", "Viewer: sees everything, changes nothing"),
    ("manager", "Manager: also edits automations, records and lists"),
    ("admin", "Admin: also settings, people and keys"),
)

bp = Blueprint("team", __name__, url_prefix="/settings/team")


class MemberForm(FlaskForm):
    name = StringField("Name", [DataRequired("Enter the person’s name."), ShortEnough(80)], [collapse_spaces])
    email = EmailField("Email", [DataRequired("Enter an email address."), email_address], [collapse_spaces])
    role = SelectField("Role", choices=options(ROLES))


@bp.get("")
def index() -> str:
    members, invited = (
        memberships.members(db.session(), g.store.id),
        password_tokens.pending_invitations(db.session(), g.store.id),
    )
    return render_template("settings/team.html", members=members, invited=invited, roles=ROLES)


@bp.get("/new")
def new() -> str:
    return render_template("settings/new_member.html", form=MemberForm())


@bp.post("")
def create() -> Response:
    form = MemberForm()
    if not form.validate():
        return _again(form)
    passwords = Passwords(current_app.config["ARGON2"])
    values = (form.name.data, form.email.data, form.role.data)
    try:
        with write() as session:
            is_new = memberships.add(session, g.store, g.user, *values, passwords)
    except memberships.TeamChangeRefused as error:
        add_error(form.email, str(error))
        return _again(form)
    return make_response(render_template("settings/member_added.html", form=form, is_new=is_new))


def _again(form: MemberForm) -> Response:
    return make_response(render_template("settings/new_member.html", form=form), 422)
