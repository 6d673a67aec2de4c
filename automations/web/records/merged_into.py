"""Who was merged into a customer, who may be the same person, and where a merged one is found now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import g, redirect, request, url_for
from werkzeug.exceptions import abort

from automations.features.merging import duplicates, parting
from automations.models.accounts import merged_customers
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.customer_merge import CustomerMerge

#: How an address names a record by its id.
BY_ID = "~"


def shown(customer: Customer) -> dict[str, Any]:
    """Return for the customer's page: `merges`, each with whether it can be undone, and `duplicates`."""
    valid = sa.and_(CustomerMerge.customer_id == customer.id, CustomerMerge.undone_at.is_(None))
    now = dt.datetime.now(dt.UTC)
    rows = db.session.scalars(sa.select(CustomerMerge).where(valid).order_by(CustomerMerge.id.desc()))
    merges = [(row, place == 0 and parting.can_be_undone(row, now)) for place, row in enumerate(rows)]
    return {"merges": merges, "duplicates": duplicates.possible_duplicates(db.session(), customer)}


def lead_on(number: str) -> None:
    """Lead whoever opens a page of a customer that was merged to the same page of who they are now."""
    if request.method != "GET" or not request.endpoint or not number:
        return
    into = merged_customers.now_is(db.session(), g.store.id, number)
    if into is not None:
        parts = {**(request.view_args or {}), "number": f"{BY_ID}{into}"}
        abort(redirect(url_for(request.endpoint, **parts), 303))
