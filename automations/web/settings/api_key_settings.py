"""Settings: API keys."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired

from automations.models.access import api_keys
from automations.models.db.base import db, write
from automations.models.tables.people import ApiKey
from automations.web.kit.form_helpers import collapse_spaces, options
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.short_enough import ShortEnough

SCOPES = (
    ("read", "Read orders, events and customers"),
    ("orders:write", "Read and change orders"),
    ("events:write", "Read and change events"),
    ("customers:write", "Read and change customers"),
    ("deliveries:write", "See what failed or may not have arrived, and decide about it"),
    ("automations:read", "Ask what drafts of automations would have done, and for whom"),
    ("examples:write", "Read and pin examples of what an automation must do"),
)
#: Keys made before there were scopes for each kind of record have the scope "write".
WORDS = dict(SCOPES) | {"write": "Read and change everything"}
UNTIL = (("", "Never"), ("30", "After 30 days"), ("90", "After 90 days"), ("365", "After a year"))

bp = Blueprint("keys", __name__, url_prefix="/settings/keys")


class KeyForm(FlaskForm):
    name = StringField(
        "What is it for?",
        [DataRequired("Name what will use it, for example: till “Front desk”."), ShortEnough(80)],
        [collapse_spaces],
    )
    scope = SelectMultipleField(
        "It may", [DataRequired("Choose at least one thing it may do.")], choices=options(SCOPES)
    )
    until = SelectField("Expires", choices=options(UNTIL), default="")


@bp.get("")
def index() -> str:
    return _page(KeyForm())


@bp.post("")
def create() -> Response:
    form = KeyForm()
    if not form.validate():
        return make_response(_page(form), 422)
    with write() as session:
        now, scopes = dt.datetime.now(dt.UTC), " ".join(form.scope.data)
        ends = now + dt.timedelta(days=int(form.until.data)) if form.until.data else None
        _, secret = api_keys.create(session, g.store, form.name.data, scopes, g.user, now, ends)
    return make_response(_page(KeyForm(formdata=None), secret))


@bp.post("/<int:key_id>/revocation")
def destroy(key_id: int) -> Response:
    key = by_id_or_404(ApiKey, key_id)
    with write() as session:
        api_keys.revoke(session, key, g.user, dt.datetime.now(dt.UTC))
    flash(f"The key “{key.name}” no longer works.")
    return make_response(redirect(url_for("keys.index"), 303))


def _page(form: KeyForm, secret: str | None = None) -> str:
    keys = api_keys.of_store(db.session(), g.store)
    context = {"form": form, "keys": keys, "secret": secret, "words": WORDS, "scopes": SCOPES}
    context["now"] = dt.datetime.now(dt.UTC)
    return render_template("settings/keys.html", **context)
