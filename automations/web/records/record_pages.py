"""The pages of one kind of record: the list, the record with its log, and its form."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, request
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as Answer

from automations.models.db.base import db
from automations.web.kit.fragments import go_to, render_part_or_page
from automations.web.kit.paging import page_of
from automations.web.records import record_forms, record_logs, record_saving, record_search
from automations.web.records.kind_pages import KINDS, Record, RecordPages, record_or_404, store_words

CONFLICT = (
    "Someone else changed this record while you were editing. "
    "Your changes are below, next to the current values."
)


def blueprint(kind: RecordPages) -> Blueprint:
    """Return the blueprint of one kind, with index, new, create, show, edit and update."""
    bp = Blueprint(kind.plural, __name__, url_prefix=f"/{kind.plural}")
    routes = (
        ("", "index", index, "GET"),
        ("/new", "new", new, "GET"),
        ("", "create", create, "POST"),
        ("/<number>", "show", show, "GET"),
        ("/<number>/edit", "edit", edit, "GET"),
        ("/<number>", "update", update, "POST"),
    )
    for rule, name, view, method in routes:
        bp.add_url_rule(rule, name, partial(view, kind), methods=[method])
    return bp


def index(kind: RecordPages) -> Response:
    """Show the list, newest first, narrowed by the search and the filters."""
    query = sa.select(kind.model).where(kind.model.store_id == g.store.id)
    text, chosen = request.args.get("q", "").strip(), _chosen(kind)
    if text:
        query = query.where(record_search.matching(kind, text))
    for name, key in chosen.items():
        query = query.where(getattr(kind.model, name) == key)
    for relation in ("customer", "account"):
        if hasattr(kind.model, relation):
            query = query.options(selectinload(getattr(kind.model, relation)))
    page = page_of(query, kind.model.id)
    context: dict[str, Any] = {
        "kind": kind,
        "listing": page,
        "words": store_words(),
        "q": text,
        "chosen": chosen,
    }
    return render_part_or_page("records/_list.html", "records/index.html", **context)


def new(kind: RecordPages) -> Response:
    form = record_forms.form_for(kind, store_words())
    return _form_page(kind, form, None)


def create(kind: RecordPages) -> Answer:
    form = record_forms.form_for(kind, store_words())
    if "more_lines" in request.form:
        return _form_page(kind, form, None, more=True)
    if not form.validate():
        return _form_page(kind, form, None, 422)
    number, values = (form.number.data or "").strip(), form.values()
    key = record_saving.form_key(form.once.data or "", values | {"number": number})
    try:
        created = record_saving.create(kind, number, values, key)
    except record_saving.NumberTaken as taken:
        form.number.errors = [str(taken)]
        return _form_page(kind, form, None, 422)
    record = db.session.get_one(kind.model, created.id)
    sentence = f"{kind.name(record)} {'was already saved' if created.already else 'is saved'}."
    return _saved(kind, record, sentence, 0 if created.already else created.fired)


def show(kind: RecordPages, number: str) -> Response:
    """Show the record's facts beside its log, or only the log for htmx."""
    record = record_or_404(kind, number)
    return render_part_or_page("log/_log.html", "records/show.html", **record_logs.context(kind, record))


def edit(kind: RecordPages, number: str) -> Response:
    record = record_or_404(kind, number)
    return _form_page(kind, record_forms.form_for(kind, store_words(), record), record)


def update(kind: RecordPages, number: str) -> Answer:
    record = record_or_404(kind, number)
    form = record_forms.form_for(kind, store_words(), record)
    if "more_lines" in request.form:
        return _form_page(kind, form, record, more=True)
    if not form.validate():
        return _form_page(kind, form, record, 422)
    try:
        received = record_saving.update(kind, record, form.revision.data, form.values())
    except record_saving.EditConflict:
        return _conflict_page(kind, form, number)
    record = db.session.get_one(kind.model, received.id)
    sentence = f"{kind.name(record)} is saved." if received.triggers else "There were no changes to save."
    return _saved(kind, record, sentence, received.fired)


def _chosen(kind: RecordPages) -> dict[str, str]:
    """Return the filters of the address whose value is a choice of the store."""
    values = {name: request.args.get(name, "") for name, _, _ in kind.filters}
    choices = {name: store_words().choices(key) for name, _, key in kind.filters}
    return {name: value for name, value in values.items() if value in choices[name]}


def _form_page(
    kind: RecordPages, form: Any, record: Record | None, status: int = 200, more: bool = False
) -> Response:
    if "lines" in form:
        form.add_spare_lines(5 if more else 2)
    context = {"kind": kind, "form": form, "record": record}
    return render_part_or_page("records/_form.html", "records/form.html", status, **context)


def _saved(kind: RecordPages, record: Record, sentence: str, fired: int) -> Answer:
    outcome = {0: "", 1: " One automation fired."}.get(fired, f" {fired} automations fired.")
    flash(sentence + outcome)
    return go_to(kind.url(record))


def _conflict_page(kind: RecordPages, form: Any, number: str) -> Response:
    """Return the 409 form with what was typed, and the current value beside each field that differs."""
    record = record_or_404(kind, number)
    theirs = record_forms.form_for(kind, store_words(), record, as_it_is=True)
    for field in form:
        typed, current = _as_shown(field), _as_shown(theirs[field.name])
        if typed != current and field.name != "revision":
            empty = getattr(theirs[field.name], "when_empty", "empty")
            field.description = f"It is now “{current or empty}”."
    form.revision.data = str(record.revision)
    form.form_errors.append(CONFLICT)
    return _form_page(kind, form, record, 409)


def _as_shown(field: Any) -> str:
    """Return a field's value as a person reads it; an order's lines as one comma-separated text."""
    if field.type == "ChoiceField":
        return store_words().choice(field.list_key, field.data) if field.data else ""
    if field.type == "SelectField":
        return str(dict(field.choices).get(field.data or "", ""))
    if field.type == "BooleanField":
        return "yes" if field.data else "no"
    if field.type == "FieldList":
        rows = [entry.form for entry in field if not entry.form.is_blank()]
        return ", ".join(f"{row.quantity.data} × {row['name'].data}" for row in rows)
    return str(field._value())


customers, events, orders = (blueprint(KINDS[plural]) for plural in ("customers", "events", "orders"))
