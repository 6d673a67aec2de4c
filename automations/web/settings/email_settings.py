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
    url_for,
)
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from automations.models.db.base import db, write
from automations.models.settings import email_server
from automations.web.kit.form_helpers import WholeNumberField, collapse_spaces, options
from automations.web.kit.secret_box import secret_box

SECURITY = (("starttls", "STARTTLS"), ("tls", "TLS from the start"), ("none", "None"))
#: A host name in any script, or an IPv4 address.
HOST = re.compile(r"[\w.-]*")

bp = Blueprint("email_settings", __name__, url_prefix="/settings/email")


class MailServerForm(FlaskForm):
    host = StringField("Server", [Length(max=253)], [collapse_spaces])
    port = WholeNumberField(
        "Port", 1, 65535, "A port is a number from 1 to 65535.", InputRequired("Enter a port, often 587.")
    )
    security = SelectField("Encryption", choices=options(SECURITY))
    username = StringField("User name", [Length(max=254)], [collapse_spaces])
    password = PasswordField("Password", [Length(max=500)])

    def validate_host(self, field: StringField) -> None:
        if not HOST.fullmatch(field.data or ""):
            raise ValidationError("Enter only the name of the server, for example: smtp.example.com")


@bp.get("")
def edit() -> str:
    connection = email_server.find(db.session(), g.store.id)
    return _page(MailServerForm(data=connection.settings if connection else {"port": 587}))


@bp.post("")
def update() -> Response:
    form = MailServerForm()
    if not form.validate():
        return make_response(_page(form), 422)
    values = {name: getattr(form, name).data or "" for name in email_server.NAMES}
    with write() as session:
        email_server.save(session, g.store, g.user, values, form.password.data or "", secret_box())
    flash(
        "Saved. Send a test to check that it works." if values["host"] else "Emails now stay in the mailbox."
    )
    return make_response(redirect(url_for("email_settings.edit"), 303))


def _page(form: MailServerForm) -> str:
    connection = email_server.find(db.session(), g.store.id)
    return render_template("settings/email.html", form=form, connection=connection)
