"""The pages of one kind of record: the list, the record with its log, and its form."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, request
from werkzeug.wrappers import Response as Answer

from automations.models.db.base import db
from automations.web.kit.fragments import go_to, render_part_or_page
from automations.web.kit.open_twice import is_same, seen_values
from automations.web.kit.paging import csv_url
from automations.web.kit.permissions import can
from automations.web.kit.scope import LARGEST_ID
from automations.web.kit.sorting import requested
from automations.web.kit.template_filters import formats
from automations.web.kit.typed_amounts import amount_rule
from automations.web.kit.undo_links import flash_undo
from automations.web.records import (
    bulk_tasks,
    contact_marks,
    order_columns,
    record_edits,
    record_forms,
    record_list,
    record_logs,
    record_saving,
    record_search,
)
from automations.web.records.conflict_words import changed_since_opened
from automations.web.records.kind_pages import KINDS, Record, RecordPages, record_or_404, store_words
from automations.web.records.list_sorts import SORTS
from automations.web.records.new_customer import KnownCustomer
from automations.web.records.record_form_fields import told_readings

#: Empty rows that *More rows* adds.
MORE_LINES = 5
_NOT_OF_THE_RECORD = ("csrf_token", "revision", "once", "number", "new_customer")
CONFLICT = "Your changes are below, next to the current values."


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
    """Show the list, newest first or as it is sorted, narrowed by the search and the filters."""
    sort = requested(SORTS[kind.plural])
    text, chosen = request.args.get("q", "").strip(), _chosen(kind)
    page = record_list.page(kind, text, chosen, sort)
    context: dict[str, Any] = {
        "kind": kind,
        "listing": page,
        "words": store_words(),
        "q": text,
        "chosen": chosen,
        "sort": sort,
        "bulk_tasks": bulk_tasks.offered(kind) if can("edit") else [],
        "columns": order_columns.known(g.membership.order_columns if kind.subject == "order" else None),
        "all_columns": order_columns.COLUMNS if kind.subject == "order" else {},
        "bad_email": contact_marks.bad_email,
        "bad_phone": contact_marks.bad_phone,
        "csv_url": csv_url(),
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
    key = record_saving.form_key(form.once.data or "", values | {"number": number, "person": form.person})
    try:
        created = record_saving.create(kind, number, values, key, form.person)
    except record_saving.NumberTaken as taken:
        form.number.errors = [str(taken)]
        return _form_page(kind, form, None, 422)
    except KnownCustomer as known:
        form.new_customer.form.ask_who(known.namesakes)
        return _form_page(kind, form, None, 422)
    record = db.session.get_one(kind.model, created.id)
    sentence = f"{kind.name(record)} {'was already saved' if created.already else 'is saved'}."
    return _saved(kind, record, _with_readings(sentence, form), 0 if created.already else created.fired)


def show(kind: RecordPages, number: str) -> Response:
    """Show the record's facts beside its log, or only the log for htmx."""
    record = record_or_404(kind, number)
    return render_part_or_page(
        "log/_log_answer.html", "records/show.html", **record_logs.context(kind, record)
    )


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
        edited = record_edits.update(kind, record, form.revision.data, form.values(), form.person)
    except record_saving.EditConflict:
        return _conflict_page(kind, form, number)
    except KnownCustomer as known:
        form.new_customer.form.ask_who(known.namesakes)
        return _form_page(kind, form, record, 422)
    received = edited.received
    record = db.session.get_one(kind.model, received.id)
    sentence = f"{kind.name(record)} is saved." if received.triggers else "There were no changes to save."
    return _saved(kind, record, _with_readings(sentence, form), received.fired, edited.step_id)


def asked_for(kind: RecordPages) -> tuple[str, dict[str, str], list[sa.ColumnElement[bool]]]:
    """Return what the address searches for and filters by, and the conditions on the records."""
    text, chosen = request.args.get("q", "").strip(), _chosen(kind)
    matches = [getattr(kind.model, name) == key for name, key in chosen.items()]
    ids = [
        min(int(id[:19]), LARGEST_ID) for id in request.args.getlist("id") if id.isascii() and id.isdigit()
    ]
    matches += [kind.model.id.in_(ids)] if ids else []
    return text, chosen, [*matches, *([record_search.matching(kind, text)] if text else [])]


def query_of(kind: RecordPages) -> dict[str, Any]:
    """Return the same for whoever looks later: {"text": "rose", "filters": {"status": "confirmed"}}."""
    return {"text": request.args.get("q", "").strip(), "filters": _chosen(kind)}


def _chosen(kind: RecordPages) -> dict[str, str]:
    """Return the filters of the address whose value is a choice of the store."""
    values = {name: request.args.get(name, "") for name, _, _ in kind.filters}
    choices = {name: store_words().choices(key) for name, _, key in kind.filters}
    return {name: value for name, value in values.items() if value in choices[name]}


def _form_page(
    kind: RecordPages, form: Any, record: Record | None, status: int = 200, more: bool = False
) -> Response:
    if "lines" in form:
        form.add_spare_lines(MORE_LINES if more else 0)
    # What the form showed at first is told until it is saved, or until a conflict has been shown.
    seen = seen_values(request.form) if form.is_submitted() and status != 409 else _shown(form)
    context = {"kind": kind, "form": form, "record": record, "amount_rule": amount_rule(formats().language)}
    context |= {"seen": seen if record else {}}
    return render_part_or_page("records/_form.html", "records/form.html", status, **context)


def _with_readings(sentence: str, form: Any) -> str:
    return " ".join(filter(None, (sentence, told_readings(form))))


def _saved(
    kind: RecordPages, record: Record, sentence: str, fired: int, step_id: int | None = None
) -> Answer:
    outcome = f" {record_edits.fired_words(fired)}" if fired else ""
    flash_undo(sentence + outcome, step_id)
    return go_to(kind.url(record))


def _conflict_page(kind: RecordPages, form: Any, number: str) -> Response:
    """Return the 409 form with what was typed, and the current value beside each field that differs.

    A field that was left as it was opened has the current value; a new currency is told, as amounts beside it
    were typed in the one before.
    """
    record = record_or_404(kind, number)
    theirs = record_forms.form_for(kind, store_words(), record, as_it_is=True)
    seen = seen_values(request.form)
    for field in list(form):
        typed, current = _as_shown(field), _as_shown(theirs[field.name])
        if field.name == "revision" or typed == current:
            continue
        shown = field
        if field.name in seen and is_same(typed, seen[field.name]):
            shown = form._fields[field.name] = theirs[field.name]
            setattr(form, field.name, shown)
        if shown is field or field.type == "CurrencyField":
            empty = getattr(theirs[field.name], "when_empty", "empty")
            shown.description = f"It is now “{current or empty}”."
    form.revision.data = str(record.revision)
    form.form_errors.append(f"{changed_since_opened(kind, record)}. {CONFLICT}")
    return _form_page(kind, form, record, 409)


def _shown(form: Any) -> dict[str, str]:
    """Return what each field shows, by its name."""
    return {field.name: _as_shown(field) for field in form if field.name not in _NOT_OF_THE_RECORD}


def _as_shown(field: Any) -> str:
    """Return a field's value as a person reads it; an order's lines as one comma-separated text."""
    if field.type == "ChoiceField":
        return store_words().choice(field.list_key, field.data) if field.data else ""
    if field.type in ("SelectField", "LanguageField", "CurrencyField"):
        return next((str(label) for value, label, *_ in field.choices if value == (field.data or "")), "")
    if field.type == "BooleanField":
        return "yes" if field.data else "no"
    if field.type == "FieldList":
        rows = [entry.form for entry in field if not entry.form.is_blank()]
        if field.name == "parcels":
            return ", ".join(f"{row.carrier.data} {row.tracking_number.data}".strip() for row in rows)
        return ", ".join(f"{row.quantity.data} × {row['name'].data}" for row in rows)
    if field.type == "FormField":
        return ", ".join(part.data for part in field.form if part.data)
    return str(field._value())


customers, events, orders = (blueprint(KINDS[plural]) for plural in ("customers", "events", "orders"))
