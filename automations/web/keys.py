"""Settings: the keys of the API."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from automations.models import api_keys
from automations.models.base import db, write
from automations.models.people import ApiKey
from automations.web.fields import options, stripped
from automations.web.scope import by_id_or_404

SCOPES = (("write", "Read and write"), ("read", "Read only"))

bp = Blueprint("keys", __name__, url_prefix="/settings/keys")


class KeyForm(FlaskForm):
    name = StringField(
        "What is it for?",
        [DataRequired("Name what will use it, for example: till “Front desk”."), Length(max=80)],
        [stripped],
    )
    scope = SelectField("It may", choices=options(SCOPES))


@bp.get("")
def index() -> str:
    return _page(KeyForm())


@bp.post("")
def create() -> Response:
    form = KeyForm()
    if not form.validate():
        return make_response(_page(form), 422)
    with write() as session:
        now = dt.datetime.now(dt.UTC)
        _, secret = api_keys.create(session, g.store, form.name.data, form.scope.data, g.user, now)
    return make_response(_page(KeyForm(formdata=None), secret))


@bp.post("/<int:key_id>/revocation")
def destroy(key_id: int) -> Response:
    key = by_id_or_404(ApiKey, key_id)
    with write() as session:
        api_keys.revoke(session, key, g.user, dt.datetime.now(dt.UTC))
    flash(f"The key “{key.name}” does not work any more.")
    return make_response(redirect(url_for("keys.index"), 303))


def _page(form: KeyForm, secret: str | None = None) -> str:
    keys = api_keys.of_store(db.session(), g.store)
    return render_template("settings/keys.html", form=form, keys=keys, secret=secret)
