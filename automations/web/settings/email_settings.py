"""Settings: the mail server."""

from __future__ import annotations

import re

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired

from automations.models.db.base import db, write
from automations.models.settings import email_server
from automations.web.kit.form_clashes import refusal_of, shown_by
from automations.web.kit.form_helpers import WholeNumberField, collapse_spaces, options
from automations.web.kit.open_twice import combined
from automations.web.kit.secret_box import secret_box
from automations.web.kit.short_enough import ShortEnough

SECURITY = (("starttls", "STARTTLS"), ("tls", "TLS from the start"), ("none", "None"))
#: A host name in any script, or an IPv4 address.
HOST = re.compile(r"[\w.-]*")

bp = Blueprint("email_settings", __name__, url_prefix="/settings/email")


class MailServerForm(FlaskForm):
    host = StringField("Server", [ShortEnough(253)], [collapse_spaces])
    port = WholeNumberField(
        "Port", 1, 65535, "A port is a number from 1 to 65535.", InputRequired("Enter a port, often 587.")
    )
    security = SelectField("Encryption", choices=options(SECURITY))
    username = StringField("User name", [ShortEnough(254)], [collapse_spaces])
    password = PasswordField("Password", [ShortEnough(500)])

    def validate_host(self, field: StringField) -> None:
        if not HOST.fullmatch(field.data or ""):
            raise ValidationError("Enter only the name of the server, for example: smtp.example.com")


@bp.get("")
def edit() -> str:
    return _page(_stored())


@bp.post("")
def update() -> Response:
    opened = combined(request.form, shown_by(_stored()), secrets=["password"])
    form = MailServerForm(opened.values)
    if status := refusal_of(form, opened):
        return make_response(_page(form), status)
    values = {name: getattr(form, name).data or "" for name in email_server.NAMES}
    with write() as session:
        email_server.save(session, g.store, g.user, values, form.password.data or "", secret_box())
    flash(
        "Saved. Send a test to check that it works." if values["host"] else "Emails now stay in the mailbox."
    )
    return make_response(redirect(url_for("email_settings.edit"), 303))


def _stored() -> MailServerForm:
    connection = email_server.find(db.session(), g.store.id)
    return MailServerForm(formdata=None, data=connection.settings if connection else {"port": 587})


def _page(form: MailServerForm) -> str:
    connection = email_server.find(db.session(), g.store.id)
    stored = shown_by(_stored())
    return render_template("settings/email.html", form=form, connection=connection, stored=stored)
