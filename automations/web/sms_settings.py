"""Settings: the gateway of text messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from automations.connectors import egress
from automations.connectors.contacts import InvalidContact
from automations.connectors.phone import PhoneContact
from automations.connectors.sms import OutgoingSms
from automations.connectors.sms_preset import Preset
from automations.connectors.sms_presets import GENERIC, PRESETS
from automations.models import providers
from automations.models.base import db, write
from automations.models.run import Message
from automations.models.store import Connection
from automations.pipeline.connections import sms_connector
from automations.web import provider_tests
from automations.web.email_settings import box

LONGEST = 500
TEXT = "This is a test from {}. Your text messages work."

bp = Blueprint("sms_settings", __name__, url_prefix="/settings/connections/sms")


@bp.get("")
def edit() -> str:
    found = _found()
    preset = _preset(request.args.get("preset") or (found.settings.get("preset") if found else None))
    return _page(preset, found.settings if found and found.settings.get("preset") == preset.key else {})


@bp.post("")
def update() -> ResponseReturnValue:
    preset = _preset(request.form.get("preset"))
    given = {one.name: request.form.get(one.name, "").strip()[:LONGEST] for one in preset.settings}
    secret = given.pop("secret", "")
    kept = _keeps_secret(preset, given)
    problems = _problems(preset, given, bool(secret) or kept)
    if problems:
        return _page(preset, given, problems), 422
    with write() as session:
        settings = {"preset": preset.key, **given}
        new = secret if secret or not kept else None
        providers.save(session, g.store, g.user, providers.SMS, settings, new, box())
    flash("Saved. Send a test to see that it works.")
    return redirect(url_for(".edit"), 303)


@bp.post("/removal")
def destroy() -> Response:
    with write() as session:
        providers.remove(session, g.store, g.user, providers.SMS)
    flash("Text messages stay in the mailbox now.")
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
    store_id, opened = g.store.id, box()
    if provider_tests.run(providers.SMS, lambda: sms_connector(db.session(), store_id, opened), sms):
        with write() as session:
            session.add(message)
    return redirect(url_for(".edit"), 303)


def _found() -> Connection | None:
    return providers.find(db.session(), g.store.id, providers.SMS)


def _key() -> str:
    found = _found()
    return str(found.settings.get("preset") or "mailbox") if found else "mailbox"


def _preset(key: object) -> Preset:
    return PRESETS.get(str(key)) or next(iter(PRESETS.values()))


def _keeps_secret(preset: Preset, given: Mapping[str, str]) -> bool:
    """Whether the kept secret may go on: it must not be sent to an account it was never meant for."""
    found = _found()
    if found is None or not found.secret or found.settings.get("preset") != preset.key:
        return False
    return all(found.settings.get(name, "") == given.get(name, "") for name in ("account", "url"))


def _problems(preset: Preset, given: Mapping[str, str], has_secret: bool) -> dict[str, str]:
    found = {}
    for one in preset.settings:
        if one.required and not (has_secret if one.secret else given[one.name]):
            found[one.name] = f"Type the {one.label[:1].lower()}{one.label[1:]}: {preset.label} asks for it."
    if preset is GENERIC and given.get("url"):
        problem = egress.problem_of(given["url"])
        found |= {"url": problem} if problem else {}
    return found


def _page(preset: Preset, given: Mapping[str, str], problems: Mapping[str, str] | None = None) -> str:
    found = _found()
    chosen = found.settings.get("preset") if found else None
    context = {"presets": PRESETS, "preset": preset, "given": given, "problems": problems or {}}
    kept = bool(found and found.secret and chosen == preset.key)
    return render_template("connections/sms.html", connection=found, chosen=chosen, kept=kept, **context)
