"""Two customers made one: search for the other, see both side by side, merge, and undo it for 30 days."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.features.merging import customer_merging, duplicates, parting
from automations.features.merging.joined_values import joined
from automations.messages.languages import name_of
from automations.models.db.base import db, run_in_write
from automations.models.tables.customer import Account, Customer
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.store import Store
from automations.pipeline.intake.custom_values import key_of
from automations.web.kit.scope import LARGEST_ID, by_id_or_404
from automations.web.kit.template_filters import day
from automations.web.records import merge_counts, record_search
from automations.web.records.kind_pages import KINDS, record_or_404, store_words
from automations.web.records.record_form_fields import tags_text

bp = Blueprint("customer_merges", __name__, url_prefix="/customers")
KIND = KINDS["customers"]
SHOWN = 20
#: The columns of the preview; the store's own fields follow.
_LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "Email",
    "phone": "Phone",
    "language": "Language",
    "account_id": "Account",
    "tags": "Tags",
    "marketing_consent": "Marketing consent",
    "note": "Note",
    "created_at": "Customer since",
}


@bp.get("/<number>/merge")
def new(number: str) -> str | Response:
    customer = _customer_or_404(number)
    text = request.args.get("q", "").strip()
    other_id = request.args.get("with", 0, type=int)
    context: dict[str, Any] = {"kind": KIND, "record": customer, "q": text, "other": None}
    if other_id and other_id != customer.id:
        other = _other(other_id)
        if other is None:
            return _gone(customer)
        context |= {"other": other, "rows": _side_by_side(customer, other)}
        context["seen"] = _seen(customer, other)
        context["moves"] = merge_counts.moves(db.session(), other)
    else:
        found = record_search.customers_like(text, SHOWN + 1) if text else []
        context["found"] = [each for each in found if each.id != customer.id][:SHOWN]
        context["duplicates"] = duplicates.possible_duplicates(db.session(), customer)
    return render_template("records/merge.html", **context)


@bp.post("/<number>/merge")
def create(number: str) -> Response:
    customer = _customer_or_404(number)
    other = _other(request.form.get("other", 0, type=int))
    if other is None:
        return _gone(customer)
    if request.form.get("seen") != _seen(customer, other):
        flash("One of the two has changed since you looked. See both again before you merge.", "error")
        again = url_for("customer_merges.new", number=KIND.reference(customer))
        return redirect(f"{again}?with={other.id}", 303)
    ids, store_id, user_id = (customer.id, other.id), g.store.id, g.user.id
    names = _called(other), _called(customer)

    def work(session: Session) -> int:
        store = session.get_one(Store, store_id)
        return customer_merging.merge(session, store, *ids, user_id, dt.datetime.now(dt.UTC)).id

    try:
        merge_id = run_in_write(work)
    except customer_merging.NotMerged as problem:
        abort(409, str(problem))
    kept = db.session.get_one(Customer, ids[0])
    undo = url_for(".destroy", number=KIND.reference(kept), merge_id=merge_id)
    flash(f"{names[0]} is merged into {names[1]}. You can undo it for 30 days.", f"undo {undo}")
    return redirect(KIND.url(kept), 303)


@bp.post("/<number>/merges/<int:merge_id>/undo")
def destroy(number: str, merge_id: int) -> Response:
    customer_id = _customer_or_404(number).id
    merged = by_id_or_404(CustomerMerge, merge_id)
    if merged.customer_id != customer_id:
        abort(404)
    store_id, user_id = g.store.id, g.user.id

    def work(session: Session) -> str:
        store = session.get_one(Store, store_id)
        return parting.part(session, store, merge_id, user_id, dt.datetime.now(dt.UTC))

    try:
        back = run_in_write(work)
    except customer_merging.NotMerged as problem:
        flash(str(problem), "error")
        return redirect(KIND.url(db.session.get_one(Customer, customer_id)), 303)
    flash(f"The merge is undone. Customer {back} is back.")
    return redirect(KIND.url(record_or_404(KIND, back)), 303)


def _customer_or_404(number: str) -> Customer:
    return by_id_or_404(Customer, record_or_404(KIND, number).id)


def _other(id: int) -> Customer | None:
    """Return the customer of this store with an id that someone sent."""
    other = db.session.get(Customer, id) if 0 < id <= LARGEST_ID else None
    return other if other and other.store_id == g.store.id else None


def _gone(customer: Customer) -> Response:
    flash("The other customer is no longer there, merged or erased. Nothing was changed.", "error")
    return redirect(KIND.url(customer), 303)


def _called(customer: Customer) -> str:
    """Return a customer with the number: the two mostly have one name."""
    return f"{customer.name} ({customer.number})"


def _seen(customer: Customer, other: Customer) -> str:
    """Return what tells whether either was changed since they were shown side by side."""
    return f"{customer.revision}.{other.revision}"


def _side_by_side(customer: Customer, other: Customer) -> list[tuple[str, str, str, str]]:
    """Return (label, of the one who stays, of the other, afterwards) for every field that one of them has."""
    stays, goes = _row(customer), _row(other)
    after = stays | joined(stays, goes)
    rows = [
        (label, _shown(name, stays[name]), _shown(name, goes[name]), _shown(name, after[name]))
        for name, label in _LABELS.items()
    ]
    for field in store_words().custom("customer").values():
        key = key_of(field)
        of_stays, of_goes, of_after = (
            str((row["custom"] or {}).get(key) or "") for row in (stays, goes, after)
        )
        rows.append((field.label, of_stays, of_goes, of_after))
    return [row for row in rows if row[1] or row[2]]


def _row(customer: Customer) -> dict[str, Any]:
    return {column.key: getattr(customer, column.key) for column in Customer.__table__.columns}


def _shown(name: str, value: Any) -> str:
    if name == "tags":
        return tags_text(value or ())
    if name == "marketing_consent":
        return "given" if value else "not given"
    if name == "language":
        return name_of(value) if value else ""
    if name == "account_id":
        account = db.session.get(Account, value) if value else None
        return account.name if account else ""
    return day(value) if name == "created_at" else str(value or "")
