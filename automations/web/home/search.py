"""Find an order, event, customer or account from any page."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from automations.models.db.base import db
from automations.web.kit.found_page import found_page
from automations.web.records import record_search
from automations.web.records.kind_pages import KINDS, Record, RecordPages

bp = Blueprint("search", __name__, url_prefix="/search")

SHOWN = 20


@bp.get("")
def show() -> str | Response:
    text = request.args.get("q", "").strip()[: record_search.LONGEST]
    matches = [(kind, _matches(kind, text)) for kind in KINDS.values()] if text else []
    exact = [(kind, record) for kind, records in matches for record in records if record.number == text]
    if len(exact) == 1:
        kind, record = exact[0]
        return redirect(kind.url(record), 303)
    accounts = record_search.accounts_like(text, SHOWN) if text else []
    found = [(kind, records) for kind, records in matches if records]
    return render_template("records/search.html", q=text, found=found, accounts=accounts)


def _matches(kind: RecordPages, text: str) -> list[Record]:
    of_store = kind.model.store_id == g.store.id
    exact = db.session.scalars(sa.select(kind.model).where(of_store, kind.model.number == text)).all()
    found, _ = record_search.newest_matching(kind, text, None)
    others = found_page(kind.model, [of_store, found], length=SHOWN).rows
    return list(dict.fromkeys([*exact, *others]))
