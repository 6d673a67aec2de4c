"""Settings: the stores a person belongs to, and creating a new one."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from automations.models.db.base import db, run_in_write
from automations.models.settings import store_creation
from automations.web.kit.form_helpers import add_error
from automations.web.settings.store_settings import TAKEN, NewStoreForm

bp = Blueprint("stores", __name__, url_prefix="/settings/stores")

NAMES = ("name", "currency", "timezone", "region")


@bp.get("")
def index() -> str:
    return render_template(
        "settings/stores.html", memberships=store_creation.memberships(db.session(), g.user.id)
    )


@bp.get("/new")
def new() -> str:
    return render_template("settings/new_store.html", form=NewStoreForm(data=_like_this_one()))


@bp.post("")
def create() -> Answer:
    form, user_id, sign_in_id = NewStoreForm(), g.user.id, g.sign_in.id
    if not form.validate():
        return _again(form)
    values = {name: form[name].data for name in NAMES}

    def work(session: Session) -> bool:
        store_id = store_creation.create(session, values, user_id)
        if store_id is not None:
            store_creation.switch(session, sign_in_id, store_id)
        return store_id is not None

    if not run_in_write(work):
        add_error(form.name, TAKEN)
        return _again(form)
    flash(
        f"{values['name']} has been created with the usual lists. You are its admin, and you are in it now."
    )
    return redirect(url_for("store_settings.edit"), 303)


def _again(form: NewStoreForm) -> Response:
    return make_response(render_template("settings/new_store.html", form=form), 422)


def _like_this_one() -> dict[str, str]:
    """Return the values a new store starts with: currency, time zone and country of the current one."""
    return {name: getattr(g.store, name) for name in NAMES if name != "name"}
