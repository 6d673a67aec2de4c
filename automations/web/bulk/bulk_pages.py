"""Many records changed at once: chosen in a list, looked at in a second step, done in pieces, undone."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.features.bulk import bulk_changes, target_gathering, undoing
from automations.features.bulk.rehearsal import rehearse
from automations.models.access import audit
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.bulk_change import DRAFT, GATHERING, RUNNING, STOPPED, BulkChange
from automations.web.bulk import task_words
from automations.web.kit.scope import LARGEST_ID, by_id_or_404
from automations.web.records import bulk_tasks, record_pages
from automations.web.records.kind_pages import BY_SUBJECT, KINDS, RecordPages

bp = Blueprint("bulk_changes", __name__, url_prefix="/bulk-changes")

#: So many records are changed before the page answers; the worker goes on with the others.
AT_ONCE = 300
#: Seconds for which the page looks for the records of a search itself; the worker goes on looking.
PATIENCE = 1.0
NONE = "Nothing was ticked. Tick the records, or choose all that match."


@bp.post("/of/<any(orders, events, customers):plural>")
def create(plural: str) -> Response:
    kind, now = KINDS[plural], dt.datetime.now(dt.UTC)
    if request.form.get("task") == bulk_tasks.EXPORT:
        return _export(kind)
    task = bulk_tasks.chosen(kind, request.form.get("task", ""), request.form.get("tag", ""))
    whose = (g.store.id, g.user.id, kind.subject, task)
    if request.form.get("which") == "all":
        query = record_pages.query_of(kind)
        change_id = run_in_write(lambda session: target_gathering.begin(session, *whose, query, now).id)
        if (
            target_gathering.gather(change_id, _not_for_long())
            and not by_id_or_404(BulkChange, change_id).size
        ):
            return _nothing(kind, f"No {kind.label.lower()} matches.")
    else:
        targets: list[tuple[int, str | None]] = [(id, None) for id in _ticked(kind)]
        if not targets:
            return _nothing(kind, NONE)
        change_id = run_in_write(lambda session: bulk_changes.prepare(session, *whose, targets, now).id)
    return redirect(url_for(".show", change_id=change_id), 303)


@bp.get("/<int:change_id>")
def show(change_id: int) -> str:
    change, now = by_id_or_404(BulkChange, change_id), dt.datetime.now(dt.UTC)
    kind = BY_SUBJECT[change.subject]
    context: dict[str, Any] = {"kind": kind, "button": task_words.button_words(change)}
    context["these"] = partial(task_words.records_words, change.subject)
    context["can_undo"] = undoing.can_be_undone(change, now) and not _undone_by(change)
    context["tried"] = rehearse(change_id, now) if change.state == DRAFT else None
    return render_template("bulk/show.html", change=by_id_or_404(BulkChange, change_id), **context)


@bp.post("/<int:change_id>/start")
def start(change_id: int) -> Response:
    change = by_id_or_404(BulkChange, change_id)
    about = task_words.records_words(change.subject, change.size)
    words, now = task_words.audit_words(change), dt.datetime.now(dt.UTC)

    def work(session: Session) -> bool:
        return bulk_changes.begin(session, session.get_one(BulkChange, change_id), about, words)

    if not run_in_write(work):
        flash("This was already done.")
    left = iter(range(AT_ONCE // bulk_changes.CHUNK))
    bulk_changes.go_on_with(change_id, lambda: now, lambda: next(left, None) is not None)
    return redirect(url_for(".show", change_id=change_id), 303)


@bp.post("/<int:change_id>/stop")
def stop(change_id: int) -> Response:
    by_id_or_404(BulkChange, change_id)
    with write() as session:
        change = session.get_one(BulkChange, change_id, with_for_update=True, populate_existing=True)
        if change.state in (GATHERING, RUNNING):
            change.state, change.finished_at = STOPPED, dt.datetime.now(dt.UTC)
            about = task_words.records_words(change.subject, change.size)
            audit.note(
                session, action="stopped changing", about=about, store_id=change.store_id, user_id=g.user.id
            )
    flash("Stopped. What was done stays done.")
    return redirect(url_for(".show", change_id=change_id), 303)


@bp.post("/<int:change_id>/undo")
def undo(change_id: int) -> Response:
    change, now = by_id_or_404(BulkChange, change_id), dt.datetime.now(dt.UTC)
    if not undoing.can_be_undone(change, now):
        abort(409, "This can no longer be undone.")
    earlier, user_id = _undone_by(change), g.user.id

    def work(session: Session) -> int:
        return undoing.undo(session, session.get_one(BulkChange, change_id), user_id, now).id

    undone_by = earlier or run_in_write(work)
    target_gathering.gather(undone_by, _not_for_long())
    return redirect(url_for(".show", change_id=undone_by), 303)


def _export(kind: RecordPages) -> Response:
    """Lead to the file of all that match, or of those that were ticked or are on the page."""
    if request.form.get("which") == "all":
        query = request.query_string.decode()
    elif not (query := urlencode({"id": _ticked(kind)}, doseq=True)):
        return _nothing(kind, NONE)
    return redirect(f"{url_for('record_exports.export', plural=kind.plural)}?{query}", 303)


def _nothing(kind: RecordPages, sentence: str) -> Response:
    """Lead back to the list with its filters, and say why nothing was chosen."""
    flash(sentence, "error")
    return redirect(f"{url_for(f'{kind.plural}.index')}?{request.query_string.decode()}", 303)


def _ticked(kind: RecordPages) -> list[int]:
    """Return the records of the store that were ticked, or are all those of the page, newest first."""
    sent = request.form.getlist("on_page" if request.form.get("which") == "page" else "record")
    ticked = {text for text in sent if text.isascii() and text.isdigit()}
    ids = kind.model.id.in_(sorted(min(int(text[:19]), LARGEST_ID) for text in ticked))
    query = sa.select(kind.model.id).where(kind.model.store_id == g.store.id, ids)
    return list(db.session.scalars(query.order_by(kind.model.id.desc())))


def _not_for_long() -> Callable[[], bool]:
    """Return a function that says whether the page may still be kept waiting."""
    until = time.monotonic() + PATIENCE
    return lambda: time.monotonic() < until


def _undone_by(change: BulkChange) -> int | None:
    """Return the id of the change that takes this one back, if there is one."""
    query = sa.select(BulkChange.id).where(
        BulkChange.undoes_id == change.id, BulkChange.store_id == g.store.id
    )
    return db.session.scalar(query.order_by(BulkChange.id).limit(1))
