"""What is kept about one customer: shown as a file, and erased."""

from __future__ import annotations

import datetime as dt

import msgspec
from flask import Blueprint, Response, flash, g, redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from automations.models import audit
from automations.models.base import db, write
from automations.models.customer import Customer
from automations.pipeline import erase, personal
from automations.web.record_kinds import KINDS, record_or_404
from automations.web.scope import by_id_or_404

bp = Blueprint("personal_data", __name__, url_prefix="/customers")
KIND = KINDS["customers"]


@bp.get("/<number>/personal-data")
def show(number: str) -> str:
    customer = record_or_404(KIND, number)
    return render_template(
        "records/personal_data.html", kind=KIND, record=customer, erased=erase.is_erased(customer)
    )


@bp.get("/<number>/personal-data.json")
def export(number: str) -> Response:
    """Everything about her, as a file."""
    customer_id = record_or_404(KIND, number).id
    with write() as session:
        customer = by_id_or_404(Customer, customer_id)
        data = personal.everything(session, g.store, customer)
        _note(session, "exported", customer)
    headers = {"Content-Disposition": f'attachment; filename="customer-{customer_id}.json"'}
    return Response(
        msgspec.json.format(msgspec.json.encode(data)), headers=headers, mimetype="application/json"
    )


@bp.post("/<number>/erasure")
def create(number: str) -> Answer:
    customer_id = record_or_404(KIND, number).id
    with write() as session:
        customer = by_id_or_404(Customer, customer_id)
        erase.erase(session, g.store, customer, dt.datetime.now(dt.UTC))
        _note(session, "erased", customer)
    if erase.settle(db.session()):
        flash("The customer is erased. Orders and the log stay, without the person.")
    else:
        flash("The customer is erased; the journal of the database is cleared at its next rest.", "warning")
    return redirect(KIND.url(by_id_or_404(Customer, customer_id)), 303)


def _note(session: Session, action: str, customer: Customer) -> None:
    about = f"personal data of customer {customer.number}"
    audit.note(session, action=action, about=about, store_id=g.store.id, user_id=g.user.id)
