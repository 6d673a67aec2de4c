"""Which columns the list of orders has for the person signed in; kept with their place in the store."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.models.db.base import write
from automations.models.tables.people import Membership
from automations.web.kit.safe_redirect import local_or_home
from automations.web.records import order_columns

bp = Blueprint("column_choices", __name__, url_prefix="/list-columns")


@bp.post("/orders")
def update() -> Response:
    chosen = [*order_columns.known(request.form.getlist("column"))]
    with write() as session:
        session.get_one(Membership, g.membership.id).order_columns = chosen or None
    count = f"{len(chosen)} added column{'' if len(chosen) == 1 else 's'}" if chosen else "its usual columns"
    flash(f"The list of orders shows {count}.")
    return redirect(local_or_home(request.form.get("next") or url_for("orders.index")), 303)
