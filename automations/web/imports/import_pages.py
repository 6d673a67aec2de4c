"""Imports from CSV files: upload one, choose its columns, see what each row would do, start it, stop it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from automations.features.csv_files.csv_columns import NOUNS
from automations.features.csv_import import import_lookups, imports, starting, uploading, word_meanings
from automations.features.csv_import.csv_text import UnreadableCsv
from automations.features.csv_import.uploading import LARGEST, MOST_ROWS
from automations.models.access import audit
from automations.models.db.base import db, write
from automations.models.tables.csv_import import CHANGE, CREATE, CsvImport
from automations.web.imports import import_forms
from automations.web.imports.import_view import ImportView
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.scope import by_id_or_404
from automations.web.records.kind_pages import store_words

bp = Blueprint("imports", __name__, url_prefix="/imports")

NO_FILE = "Choose a file first."


@bp.get("")
def index() -> str:
    return _index(request.args.get("subject", "order"))


@bp.post("")
def create() -> Answer:
    """Keep an uploaded file that can be read to its end; of any other nothing is kept."""
    subject, file = request.form.get("subject", ""), request.files.get("file")
    if subject not in NOUNS or file is None or not file.filename:
        return make_response(_index(subject, NO_FILE), 422)
    try:
        return redirect(url_for(".show", import_id=_begin(subject, file)), 303)
    except UnreadableCsv as error:
        return make_response(_index(subject, f"“{file.filename}” cannot be read. {error}"), 422)


@bp.get("/<int:import_id>")
def show(import_id: int) -> Response:
    """Show an import; with ?columns=change the columns of one that is checked, to choose them anew."""
    return _page(_import_or_404(import_id), chooses_columns=request.args.get("columns") == "change")


@bp.post("/<int:import_id>/checks")
def check(import_id: int) -> Answer:
    """Have the file checked with the columns, the ways of writing and the meanings that were chosen."""
    view, form = ImportView(_import_or_404(import_id), store_words()), request.form
    columns = view.chosen(form)
    problem = imports.problem_with(view.subject, columns, view.labels)
    if not problem:
        options = import_forms.options_in(form, view.one)
        with write() as session:
            are_new = word_meanings.keep(session, import_id, import_forms.words_in(form), store_words())
            problem = imports.check(session, import_id, columns, options, store_words())
            if are_new or not problem:
                _note(session, "mapped words of" if are_new else "checked", import_id)
    if problem == imports.OTHER_STATE:
        return _moved(import_id, problem)
    if problem:
        return _page(_import_or_404(import_id), problem=problem, columns=columns, chooses_columns=True)
    return redirect(url_for(".show", import_id=import_id), 303)


@bp.post("/<int:import_id>/start")
def start(import_id: int) -> Answer:
    """Start what is checked as the page shows it, or go on with what was stopped."""
    one, form = _import_or_404(import_id), request.form
    shown, chosen = import_forms.shown_in(form, one), import_forms.start_in(form)
    with write() as session:
        problem = starting.start(session, import_id, shown, chosen, dt.datetime.now(dt.UTC))
        if not problem:
            _note(session, "started", import_id, _told(one, chosen))
    if problem == starting.NOT_CHECKED:
        return _page(_import_or_404(import_id), problem=problem, kept=form)
    return _moved(import_id, problem)


@bp.post("/<int:import_id>/stop")
def stop(import_id: int) -> Answer:
    one = _import_or_404(import_id)
    with write() as session:
        state = imports.move(session, one.id, imports.STOP, dt.datetime.now(dt.UTC))
        if state:
            _note(session, "stopped", import_id)
    return _moved(import_id, "Stopped." if state else "It was over already.")


@bp.post("/<int:import_id>/removal")
def destroy(import_id: int) -> Answer:
    """Delete the file with all that is kept of it; records that came in stay."""
    one = _import_or_404(import_id)
    with write() as session:
        removed = imports.remove(session, one.id)
        if removed:
            _note(session, "removed", import_id)
    if not removed:
        return _moved(import_id, "Stop it first.")
    flash("The file is removed. What was imported stays.")
    return redirect(url_for(".index"), 303)


def _begin(subject: str, file: FileStorage) -> int:
    found, words, name = uploading.read(file.stream), store_words(), g.user.name
    now, store = dt.datetime.now(dt.UTC), g.store
    with write() as session:
        uploaded = (found, file.stream)
        one = uploading.begin(session, store, words, subject, file.filename or "", uploaded, name, now)
        _note(session, "uploaded", one.id, {"rows": found.total, "kind": NOUNS[subject][1]})
        return one.id


def _told(one: CsvImport, chosen: dict[str, Any]) -> dict[str, Any]:
    counts = import_lookups.counts(one)
    return {**chosen, "to_add": counts[CREATE], "to_change": counts[CHANGE]} if chosen else {}


def _index(subject: str, problem: str = "") -> str:
    context: dict[str, Any] = {"nouns": NOUNS, "subject": subject, "problem": problem}
    context |= {"earlier": import_lookups.of_store(db.session(), g.store.id), "most_rows": MOST_ROWS}
    context["largest"] = LARGEST // 1024**2
    return render_template("imports/index.html", **context)


def _page(one: CsvImport, **more: Any) -> Response:
    view = ImportView(one, store_words(), **more)
    status = 422 if view.problem else 200
    return render_part_or_page("imports/_import.html", "imports/show.html", status, view=view)


def _moved(import_id: int, sentence: str) -> Answer:
    if sentence:
        flash(sentence)
    return redirect(url_for(".show", import_id=import_id), 303)


def _note(session: Any, action: str, import_id: int, after: dict[str, Any] | None = None) -> None:
    # By number: the name of a file may name a customer, and the audit log cannot be erased.
    about = f"import {import_id}"
    audit.note(
        session, action=action, about=about, store_id=g.store.id, user_id=g.user.id, after=after or None
    )


def _import_or_404(import_id: int) -> CsvImport:
    return by_id_or_404(CsvImport, import_id)
