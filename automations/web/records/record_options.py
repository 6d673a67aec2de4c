"""Suggest customers and accounts while someone types."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from automations.web.records import record_search
from automations.web.records.record_form_fields import person_text

bp = Blueprint("options", __name__, url_prefix="/options")


@bp.get("/customers")
def customers() -> str:
    matches = record_search.customers_like(request.args.get("customer", "")[: record_search.LONGEST])
    return render_template("records/_options.html", options=[person_text(customer) for customer in matches])


@bp.get("/accounts")
def accounts() -> str:
    matches = record_search.accounts_like(request.args.get("account", "")[: record_search.LONGEST])
    return render_template("records/_options.html", options=[account.name for account in matches])
