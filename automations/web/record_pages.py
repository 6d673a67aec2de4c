"""The pages of one kind of record: the list, the record with its log, and its form."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, request
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as Answer

from automations.models.base import db
from automations.web import record_forms, record_logs, record_saving, record_search
from automations.web.fragments import answer, go_to
from automations.web.paging import page_of
from automations.web.record_kinds import Kind, Record, record_or_404, words

OVERTAKEN = "Somebody changed it meanwhile. What you typed is below; beside it stands how it is now."


def blueprint(kind: Kind) -> Blueprint:
    """The blueprint of one kind: index, new, create, show, edit, update."""
    bp = Blueprint(kind.plural, f"automations.web.{kind.plural}", url_prefix=f"/{kind.plural}")
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


def index(kind: Kind) -> Response:
    """The list, newest first, narrowed by what is searched for and by the filters."""
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
    context = {"kind": kind, "listing": page, "words": words(), "q": text, "chosen": chosen}
    return answer("records/_list.html", "records/index.html", **context)


def new(kind: Kind) -> Response:
    form = record_forms.form_for(kind, words())
    return _form_page(kind, form, None)


def create(kind: Kind) -> Answer:
    form = record_forms.form_for(kind, words())
    if "more_lines" in request.form:
        return _form_page(kind, form, None, more=True)
    if not form.validate():
        return _form_page(kind, form, None, 422)
    number, values = (form.number.data or "").strip(), form.values()
    once = record_saving.once_only(form.once.data or "", values | {"number": number})
    try:
        made = record_saving.create(kind, number, values, once)
    except record_saving.NumberTaken as taken:
        form.number.errors = [str(taken)]
        return _form_page(kind, form, None, 422)
    record = db.session.get_one(kind.model, made.id)
    sentence = f"{kind.name(record)} {'was saved already' if made.already else 'is saved'}."
    return _saved(kind, record, sentence, 0 if made.already else made.fired)


def show(kind: Kind, number: str) -> Response:
    """The record's facts beside its log; only the log for htmx."""
    record = record_or_404(kind, number)
    return answer("log/_log.html", "records/show.html", **record_logs.context(kind, record))


def edit(kind: Kind, number: str) -> Response:
    record = record_or_404(kind, number)
    return _form_page(kind, record_forms.form_for(kind, words(), record), record)


def update(kind: Kind, number: str) -> Answer:
    record = record_or_404(kind, number)
    form = record_forms.form_for(kind, words(), record)
    if "more_lines" in request.form:
        return _form_page(kind, form, record, more=True)
    if not form.validate():
        return _form_page(kind, form, record, 422)
    try:
        received = record_saving.update(kind, record, form.revision.data, form.values())
    except record_saving.Overtaken:
        return _overtaken(kind, form, number)
    record = db.session.get_one(kind.model, received.id)
    sentence = (
        f"{kind.name(record)} is saved."
        if received.triggers
        else "Nothing was different, so nothing changed."
    )
    return _saved(kind, record, sentence, received.fired)


def _chosen(kind: Kind) -> dict[str, str]:
    """The filters in the address that name a choice of the store."""
    wanted = {name: request.args.get(name, "") for name, _, _ in kind.filters}
    known = {name: words().choices(key) for name, _, key in kind.filters}
    return {name: value for name, value in wanted.items() if value in known[name]}


def _form_page(
    kind: Kind, form: Any, record: Record | None, status: int = 200, more: bool = False
) -> Response:
    if "lines" in form:
        form.add_spare_lines(5 if more else 2)
    context = {"kind": kind, "form": form, "record": record}
    return answer("records/_form.html", "records/form.html", status, **context)


def _saved(kind: Kind, record: Record, sentence: str, fired: int) -> Answer:
    ran = {0: "", 1: " One automation fired."}.get(fired, f" {fired} automations fired.")
    flash(sentence + ran)
    return go_to(kind.url(record))


def _overtaken(kind: Kind, form: Any, number: str) -> Response:
    """What was typed stays; beside each field that differs stands what it is now."""
    record = record_or_404(kind, number)
    theirs = record_forms.form_for(kind, words(), record, as_it_is=True)
    for field in form:
        mine, now = _as_shown(field), _as_shown(theirs[field.name])
        if mine != now and field.name != "revision":
            field.description = f"It is now “{now or 'empty'}”."
    form.revision.data = str(record.revision)
    form.form_errors.append(OVERTAKEN)
    return _form_page(kind, form, record, 409)


def _as_shown(field: Any) -> str:
    """What a field shows, as a person reads it; lines of an order as a list."""
    if field.type == "ChoiceField":
        return words().choice(field.list_key, field.data) if field.data else ""
    if field.type == "SelectField":
        return str(dict(field.choices).get(field.data or "", ""))
    if field.type == "BooleanField":
        return "yes" if field.data else "no"
    if field.type == "FieldList":
        rows = [entry.form for entry in field if not entry.form.is_blank()]
        return ", ".join(f"{row.quantity.data} × {row['name'].data}" for row in rows)
    return str(field._value())
