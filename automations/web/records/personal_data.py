"""A customer's personal data: export it as a file, or erase it."""

from __future__ import annotations

import datetime as dt

import msgspec
from flask import Blueprint, Response, flash, g, redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from automations.features.past import tables
from automations.features.privacy import complete_erasure, data_export, erasure
from automations.models.access import audit
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.web.kit.scope import by_id_or_404
from automations.web.records.kind_pages import KINDS, record_or_404

bp = Blueprint("personal_data", __name__, url_prefix="/customers")
KIND = KINDS["customers"]


@bp.get("/<number>/personal-data")
def show(number: str) -> str:
    customer = by_id_or_404(Customer, record_or_404(KIND, number).id)
    erased = erasure.is_erased(customer)
    return render_template("records/personal_data.html", kind=KIND, record=customer, erased=erased)


@bp.get("/<number>/personal-data.json")
def export(number: str) -> Response:
    """Return everything about the customer as a JSON file."""
    customer_id = record_or_404(KIND, number).id
    with write() as session:
        customer = by_id_or_404(Customer, customer_id)
        data = data_export.everything(session, g.store, customer)
        _note(session, "exported", customer)
    headers = {"Content-Disposition": f'attachment; filename="customer-{customer_id}.json"'}
    return Response(
        msgspec.json.format(msgspec.json.encode(data)), headers=headers, mimetype="application/json"
    )


@bp.post("/<number>/erasure")
def create(number: str) -> Answer:
    customer_id = record_or_404(KIND, number).id
    erased = complete_erasure.erase_completely(
        g.store.id,
        customer_id,
        dt.datetime.now(dt.UTC),
        lambda session: _note(session, "erased", by_id_or_404(Customer, customer_id)),
    )
    tables.forget(db.engine, g.store.id)
    if erased.settled:
        flash("The customer is erased. Orders and the log stay, without personal data.")
    else:
        flash(
            "The customer is erased. The database journal is cleared the next time the database is idle.",
            "warning",
        )
    return redirect(KIND.url(by_id_or_404(Customer, customer_id)), 303)


def _note(session: Session, action: str, customer: Customer) -> None:
    about = f"personal data of customer {customer.number}"
    audit.note(session, action=action, about=about, store_id=g.store.id, user_id=g.user.id)
