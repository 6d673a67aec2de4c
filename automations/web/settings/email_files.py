"""Settings: the files that emails bring along."""

from __future__ import annotations

import datetime as dt

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from automations.connectors.file_types import TYPES, UnusableFile, file_name, size_words, type_of
from automations.connectors.stored_file import NamedFile, StoredFile
from automations.engine.wording.formats import joined
from automations.features.authoring.file_uses import live_uses
from automations.models.db.base import db, write
from automations.models.settings import attached_files
from automations.pipeline.providers.store_files import files_of
from automations.web.kit.file_download import download
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("email_files", __name__, url_prefix="/settings/email-files")


@bp.get("")
def index() -> Response:
    return _page()


@bp.post("")
def create() -> Response | Answer:
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        return _page("Choose a file.", 422)
    name, content = file_name(uploaded.filename), uploaded.read()
    try:
        file = StoredFile(name, type_of(name, content), content)
        with write() as session:
            replaced = attached_files.save(session, g.store.id, g.user, file, dt.datetime.now(dt.UTC))
    except (UnusableFile, attached_files.TooMany) as error:
        return _page(str(error), 422)
    flash(f"“{name}” is {'replaced: emails carry the new one from now on' if replaced else 'added'}.")
    return redirect(url_for(".index"), 303)


@bp.get("/<int:file_id>")
def show(file_id: int) -> Response:
    known = any(file.id == file_id for file in attached_files.files(db.session(), g.store.id))
    file = files_of(db.session(), g.store.id).read(file_id) if known else None
    return download(file) if file else abort(404)


@bp.post("/<int:file_id>/removals")
def destroy(file_id: int) -> Response | Answer:
    uses = live_uses(db.session(), g.store.id)
    name = next((file.name for file in _files() if file.id == file_id), None) or abort(404)
    if uses.get(name):
        by = joined([f"“{one}”" for one in uses[name]])
        return _page(f"“{name}” is attached by {by}. Take it out there first, so that no email fails.", 422)
    with write() as session:
        step = attached_files.remove(session, g.store.id, g.user, file_id)
        step_id = step.id if step else None
    flash_undo(f"“{name}” is removed.", step_id)
    return redirect(url_for(".index"), 303)


def _files() -> list[NamedFile]:
    return attached_files.files(db.session(), g.store.id)


def _page(wrong: str = "", status: int = 200) -> Response:
    rows = [(file, size_words(file.size)) for file in _files()]
    context = {"files": rows, "uses": live_uses(db.session(), g.store.id), "wrong": wrong}
    endings = ",".join(f".{ending}" for ending in TYPES)
    page = render_template("settings/email_files.html", **context, endings=endings, most=attached_files.MOST)
    return make_response(page, status)
