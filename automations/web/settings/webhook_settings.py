"""Settings: webhook addresses to which other services send records."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer
from wtforms import StringField
from wtforms.validators import DataRequired

from automations.models.db.base import db, write
from automations.models.settings import webhook_endpoints
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.secret import OVERLAP
from automations.web.kit.form_helpers import collapse_spaces
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.secret_box import secret_box
from automations.web.kit.short_enough import ShortEnough
from automations.web.kit.site_address import site_address

bp = Blueprint("inbound_hooks", __name__, url_prefix="/settings/webhooks")


class HookForm(FlaskForm):
    name = StringField(
        "Who will call?",
        [DataRequired("Name the service, for example: web shop."), ShortEnough(80)],
        [collapse_spaces],
    )


@bp.get("")
def index() -> str:
    return _page(HookForm())


@bp.post("")
def create() -> Response:
    form = HookForm()
    if not form.validate():
        return make_response(_page(form), 422)
    with write() as session:
        secret = webhook_endpoints.create(session, g.store, form.name.data, g.user, secret_box(), _now())
    return make_response(_page(HookForm(formdata=None), secret))


@bp.post("/<int:hook_id>/secret")
def rotate(hook_id: int) -> Response:
    hook = by_id_or_404(InboundHook, hook_id)
    with write() as session:
        secret = webhook_endpoints.rotate(session, hook, g.user, secret_box(), _now())
    return make_response(_page(HookForm(formdata=None), secret))


@bp.post("/<int:hook_id>/closing")
def destroy(hook_id: int) -> Answer:
    hook = by_id_or_404(InboundHook, hook_id)
    with write() as session:
        webhook_endpoints.revoke(session, hook, g.user, _now())
    flash(f"The address of “{hook.name}” no longer answers.")
    return redirect(url_for(".index"), 303)


def _page(form: HookForm, secret: str = "") -> str:
    hooks = webhook_endpoints.of_store(db.session(), g.store.id)
    context = {"form": form, "hooks": hooks, "site": site_address(), "secret": secret}
    return render_template("settings/webhooks.html", now=_now(), overlap=OVERLAP, **context)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
