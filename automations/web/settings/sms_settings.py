"""Settings: the gateway for text messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from automations.connectors import egress
from automations.connectors.contacts import InvalidContact
from automations.connectors.phone_numbers import PhoneContact
from automations.connectors.sms_gateway import OutgoingSms
from automations.connectors.sms_preset import Preset
from automations.connectors.sms_presets import GENERIC, PRESETS
from automations.models.db.base import db, write
from automations.models.settings import providers
from automations.models.tables.run import Message
from automations.models.tables.store import Connection
from automations.pipeline.providers.store_connectors import sms_connector
from automations.web.kit.form_clashes import changed_elsewhere
from automations.web.kit.open_twice import combined
from automations.web.kit.secret_box import secret_box
from automations.web.settings import provider_tests

LONGEST = 500
#: What the form tells of the gateway that was in use when it was opened.
CHOSEN = "chosen"
OTHER_CHOSEN = "Another gateway was chosen after you opened this page. Save again to use this one instead."
TEXT = "This is a test from {}. Your text messages work."

bp = Blueprint("sms_settings", __name__, url_prefix="/settings/connections/sms")


@bp.get("")
def edit() -> str:
    preset = _preset(request.args.get("preset") or _chosen())
    return _page(preset, _stored(preset))


@bp.post("")
def update() -> ResponseReturnValue:
    preset = _preset(request.form.get("preset"))
    opened = combined(request.form, _stored(preset), secrets=["secret"])
    typed = {
        setting.name: opened.values.get(setting.name, "").strip()[:LONGEST] for setting in preset.settings
    }
    secret = typed.pop("secret", "")
    keeps_secret = _keeps_secret(preset, typed)
    problems = _problems(preset, typed, bool(secret) or keeps_secret)
    if problems or opened.clashes:
        clashes = {name: changed_elsewhere(now) for name, now in opened.clashes.items()}
        clashes |= {CHOSEN: OTHER_CHOSEN} if CHOSEN in clashes else {}
        return _page(preset, typed, clashes | problems), 422 if problems else 409
    with write() as session:
        settings = {"preset": preset.key, **typed}
        new = secret if secret or not keeps_secret else None
        providers.save(session, g.store, g.user, providers.SMS, settings, new, secret_box())
    flash("Saved. Send a test to check that it works.")
    return redirect(url_for(".edit"), 303)


@bp.post("/removal")
def destroy() -> Response:
    with write() as session:
        providers.remove(session, g.store, g.user, providers.SMS)
    flash("Text messages now stay in the mailbox.")
    return redirect(url_for(".edit"), 303)


@bp.post("/tests")
def test() -> Response:
    try:
        to = PhoneContact.parse(request.form.get("to", ""), g.store.region, g.user.name)
    except InvalidContact as error:
        flash(str(error), "error")
        return redirect(url_for(".edit"), 303)
    sms = OutgoingSms(to, "", TEXT.format(g.store.name), provider_tests.new_key())
    message = Message(store_id=g.store.id, channel="sms", connector=_key(), to=to.number, to_name=to.name)
    message.subject, message.body, message.at = "", sms.text, dt.datetime.now(dt.UTC)
    store_id, box = g.store.id, secret_box()
    if provider_tests.run(providers.SMS, lambda: sms_connector(db.session(), store_id, box), sms):
        with write() as session:
            session.add(message)
    return redirect(url_for(".edit"), 303)


def _connection() -> Connection | None:
    return providers.find(db.session(), g.store.id, providers.SMS)


def _key() -> str:
    return _chosen() or "mailbox"


def _chosen() -> str:
    """Return the key of the gateway in use, "" if there is none."""
    connection = _connection()
    return str(connection.settings.get("preset") or "") if connection else ""


def _stored(preset: Preset) -> dict[str, str]:
    """Return what the form of a gateway shows, and which gateway is in use."""
    connection, chosen = _connection(), _chosen()
    if connection is None or chosen != preset.key:
        return {CHOSEN: chosen}
    names = [setting.name for setting in preset.settings if not setting.secret]
    return {CHOSEN: chosen} | {name: connection.settings.get(name, "") for name in names}


def _preset(key: object) -> Preset:
    return PRESETS.get(str(key)) or next(iter(PRESETS.values()))


def _keeps_secret(preset: Preset, typed: Mapping[str, str]) -> bool:
    """Return whether the stored secret stays in use; it must never be sent to another account or URL."""
    connection = _connection()
    if connection is None or not connection.secret or connection.settings.get("preset") != preset.key:
        return False
    return all(connection.settings.get(name, "") == typed.get(name, "") for name in ("account", "url"))


def _problems(preset: Preset, typed: Mapping[str, str], has_secret: bool) -> dict[str, str]:
    problems = {}
    for setting in preset.settings:
        if setting.required and not (has_secret if setting.secret else typed[setting.name]):
            label = f"{setting.label[:1].lower()}{setting.label[1:]}"
            problems[setting.name] = f"Enter the {label}: {preset.label} asks for it."
    if preset is GENERIC and typed.get("url"):
        problem = egress.problem_of(typed["url"])
        problems |= {"url": problem} if problem else {}
    return problems


def _page(preset: Preset, values: Mapping[str, str], problems: Mapping[str, str] | None = None) -> str:
    connection = _connection()
    chosen = connection.settings.get("preset") if connection else None
    context = {"presets": PRESETS, "preset": preset, "given": values, "problems": problems or {}}
    context |= {"stored": _stored(preset)}
    has_secret = bool(connection and connection.secret and chosen == preset.key)
    return render_template(
        "connections/sms.html", connection=connection, chosen=chosen, kept=has_secret, **context
    )
