"""Settings: named secrets that HTTP requests may carry. A value is never shown again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired

from automations.connectors import egress
from automations.connectors.signed_requests import OutgoingRequest, Piece
from automations.models.access import audit
from automations.models.db.base import db, write
from automations.models.settings import providers
from automations.models.tables import secret
from automations.models.tables.secret import Secret
from automations.pipeline.providers.store_connectors import connectors_for
from automations.web.kit.form_helpers import collapse_spaces
from automations.web.kit.scope import secret_or_404
from automations.web.kit.secret_box import secret_box
from automations.web.kit.short_enough import ShortEnough
from automations.web.settings import provider_tests

NAME = re.compile(r"[A-Za-z]\w{0,59}", re.ASCII)
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]*")

bp = Blueprint("secret_settings", __name__, url_prefix="/settings/connections/secrets")


class SecretForm(FlaskForm):
    name = StringField(
        "Name", [DataRequired("Give it a name, for example: courier"), ShortEnough(60)], [collapse_spaces]
    )
    value = PasswordField("Secret", [DataRequired("Paste the password or token."), ShortEnough(4000)])
    host = StringField("Only for this host", [ShortEnough(253)], [collapse_spaces])

    def validate_name(self, field: StringField) -> None:
        if not NAME.fullmatch(field.data or ""):
            raise ValidationError("Use letters, digits and underscores, and begin with a letter.")

    def validate_host(self, field: StringField) -> None:
        if not HOST.fullmatch(field.data or ""):
            raise ValidationError("Enter only the name of the host, for example: api.courier.example")


class AskForm(FlaskForm):
    url = StringField(
        "URL", [DataRequired("Enter the URL for the test."), ShortEnough(2000)], [collapse_spaces]
    )

    def validate_url(self, field: StringField) -> None:
        problem = egress.problem_of(field.data or "")
        if problem:
            raise ValidationError(problem)


def of_store() -> Sequence[Secret]:
    """Return the store's secrets by name."""
    own = sa.select(Secret).where(Secret.store_id == g.store.id)
    return db.session.scalars(own.order_by(Secret.name)).all()


@bp.get("")
def index() -> str:
    return _page(SecretForm(), AskForm())


@bp.post("")
def create() -> Response:
    form = SecretForm()
    if not form.validate():
        return make_response(_page(form, AskForm(formdata=None)), 422)
    name, value, host = form.name.data or "", form.value.data or "", form.host.data or ""
    with write() as session:
        now = dt.datetime.now(dt.UTC)
        secret.keep(session, g.store.id, name, value, host, secret_box(), now)
        _note("kept", name)
    flash(f"Saved. Write {{{{ secrets.{name} }}}} in any header that needs it.")
    return make_response(redirect(url_for(".index"), 303))


@bp.post("/<int:secret_id>/removal")
def destroy(secret_id: int) -> Response:
    name = secret_or_404(secret_id).name
    with write() as session:
        session.execute(sa.delete(Secret).where(Secret.id == secret_id))
        _note("removed", name)
    flash(f"The secret “{name}” is removed. Requests that need it fail from now on.")
    return make_response(redirect(url_for(".index"), 303))


@bp.post("/<int:secret_id>/tests")
def test(secret_id: int) -> Response:
    name, form = secret_or_404(secret_id).name, AskForm()
    if not form.validate():
        return make_response(_page(SecretForm(formdata=None), form), 422)
    headers: dict[str, tuple[Piece, ...]] = {"Authorization": (("text", "Bearer "), ("secret", name))}
    url, key = form.url.data or "", provider_tests.new_key()
    outgoing = OutgoingRequest("GET", url, headers, "", "", "", "", "", "", key)
    connector = connectors_for(db.session(), g.store.id, secret_box(), dt.datetime.now(dt.UTC)).http
    provider_tests.run(providers.HTTP, lambda: connector, outgoing)
    return make_response(redirect(url_for(".index"), 303))


def _note(action: str, name: str) -> None:
    about = f"HTTP secret “{name}”"
    audit.note(db.session(), action=action, about=about, store_id=g.store.id, user_id=g.user.id)


def _page(form: SecretForm, ask: AskForm) -> str:
    connection = providers.find(db.session(), g.store.id, providers.HTTP)
    context: dict[str, Any] = {"form": form, "ask": ask, "secrets": of_store(), "connection": connection}
    context |= {"now": dt.datetime.now(dt.UTC), "overlap": secret.OVERLAP}
    return render_template("connections/secrets.html", **context)
