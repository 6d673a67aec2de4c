"""Unsubscribing from marketing with the link in a message. Opening it changes nothing; a POST without
signing in does."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, render_template
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.db.base import db, run_in_write
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.evaluation.consent import customer_named
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change

bp = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")
CAUSE = Cause("customer", "the link to end marketing")


@bp.get("/<token>")
def show(token: str) -> str:
    return _page(_customer_or_404(token), token)


@bp.post("/<token>")
def update(token: str) -> str:
    _customer_or_404(token)

    def work(session: Session) -> None:
        # Read anew: they may have been merged into another a moment ago.
        customer = customer_named(session, token) or abort(404)
        store = session.get_one(Store, customer.store_id)
        change = Change(customer.number, {"marketing_consent": False})
        receive(session, store, "customer", [change], CAUSE, dt.datetime.now(dt.UTC))
        # After the customer is locked: an undo of a merge locks them first, too.
        merged_customers.withdraw(session, customer.id)

    run_in_write(work)
    return _page(_customer_or_404(token), token)


def _customer_or_404(token: str) -> Customer:
    return customer_named(db.session(), token) or abort(404)


def _page(customer: Customer, token: str) -> str:
    store = db.session.get_one(Store, customer.store_id)
    return render_template("unsubscribe/show.html", customer=customer, shop=store, token=token)
