"""Settings: automations as files: downloading them, and applying files after reading what they change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from automations.engine.wording.formats import count_words
from automations.features.rules_as_code import collected
from automations.features.rules_as_code.apply import NotApplied, apply
from automations.features.rules_as_code.collected import Named
from automations.features.rules_as_code.export import exported
from automations.features.rules_as_code.figures import figures
from automations.features.rules_as_code.plan import Plan, plan_of
from automations.features.rules_as_code.plan_words import change_words, headline
from automations.features.rules_as_code.rule_file import UnreadableFile
from automations.messages.store_formats import formats_of
from automations.models.db.base import db, write

bp = Blueprint("rule_files", __name__, url_prefix="/settings/files")

ARCHIVE = "automations.zip"
#: A plan's page carries the files along, so that nothing is kept on the server.
SENT_ANEW = "The files did not arrive whole. Choose them again."


@bp.get("")
def index() -> str:
    return render_template("settings/rule_files.html", problem="")


@bp.get("/automations.zip")
def archive() -> Response:
    response = make_response(collected.archive(exported(db.session(), g.store)))
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = f"attachment; filename={ARCHIVE}"
    return response


@bp.post("/plans")
def plan() -> Response:
    uploaded = [(one.filename or "", one.read()) for one in request.files.getlist("files")]
    try:
        named = collected.from_upload(uploaded)
        made = plan_of(db.session(), g.store, collected.rule_files(named))
    except UnreadableFile as error:
        return make_response(render_template("settings/rule_files.html", problem=str(error)), 422)
    return make_response(_plan_page(made, named))


@bp.post("/applications")
def create() -> Response:
    fingerprint, reason = request.form.get("fingerprint", ""), request.form.get("reason", "")
    try:
        named = _unpacked(request.form.get("files", ""))
        files = collected.rule_files(named)
    except UnreadableFile as error:
        return make_response(render_template("settings/rule_files.html", problem=str(error)), 422)
    try:
        with write() as session:
            done = apply(session, g.store, files, fingerprint, g.user, dt.datetime.now(dt.UTC), reason)
            changed = done.changes
    except NotApplied as error:
        return make_response(_plan_page(error.plan, named, str(error)), 409)
    count = count_words(changed, "automations", formats_of(g.store.language))
    flash(f"{count} {'was' if changed == 1 else 'were'} changed.")
    return make_response(redirect(url_for("automations.index"), 303))


def _plan_page(made: Plan, named: Sequence[Named], problem: str = "") -> str:
    past = figures(db.session(), g.store, made, dt.datetime.now(dt.UTC))
    words = {"headline": headline(made), "change_words": change_words, "problem": problem}
    return render_template("settings/rule_plan.html", plan=made, figures=past, files=_packed(named), **words)


def _packed(named: Sequence[Named]) -> str:
    # Whatever a plan was made of is text: line breaks survive a form only as JSON writes them.
    return msgspec.json.encode([(name, content.decode()) for name, content in named]).decode()


def _unpacked(sent: str) -> list[Named]:
    try:
        texts = msgspec.json.decode(sent.encode(), type=list[tuple[str, str]])
    except msgspec.DecodeError as error:
        raise UnreadableFile(SENT_ANEW) from error
    return [(name, text.encode()) for name, text in texts]
