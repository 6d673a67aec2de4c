"""Settings: the chat that receives notices."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from automations.connectors.chat import SERVICES, InvalidChat, OutgoingNotice, service_of
from automations.models.db.base import db, write
from automations.models.settings import providers
from automations.pipeline.providers.store_connectors import chat_connector
from automations.web.kit.secret_box import secret_box
from automations.web.settings import provider_tests

LONGEST = 2000

bp = Blueprint("chat_settings", __name__, url_prefix="/settings/connections/chat")


@bp.get("")
def edit() -> str:
    return _page()


@bp.post("")
def update() -> ResponseReturnValue:
    url = request.form.get("url", "").strip()[:LONGEST]
    try:
        service = service_of(url)
    except InvalidChat as error:
        return _page(str(error)), 422
    with write() as session:
        providers.save(session, g.store, g.user, providers.CHAT, {"service": service}, url, secret_box())
    flash("Saved. Send a test to check that it works.")
    return redirect(url_for(".edit"), 303)


@bp.post("/removal")
def destroy() -> Response:
    with write() as session:
        providers.remove(session, g.store, g.user, providers.CHAT)
    flash("The chat is disconnected.")
    return redirect(url_for(".edit"), 303)


@bp.post("/tests")
def test() -> Response:
    name, store_id, box = g.store.name, g.store.id, secret_box()
    notice = OutgoingNotice(f"A test from {name}", "Your chat works.", provider_tests.new_key())
    provider_tests.run(providers.CHAT, lambda: chat_connector(db.session(), store_id, box), notice)
    return redirect(url_for(".edit"), 303)


def _page(problem: str = "") -> str:
    connection = providers.find(db.session(), g.store.id, providers.CHAT)
    return render_template("connections/chat.html", connection=connection, problem=problem, services=SERVICES)
