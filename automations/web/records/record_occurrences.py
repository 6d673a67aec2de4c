"""One occurrence of a record, with every automation that listened to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request

from automations.features.history import record_log
from automations.models.accounts import merged_customers
from automations.models.db.base import db
from automations.web.kit import scope
from automations.web.kit.fragments import render_part_or_page
from automations.web.records.kind_pages import KINDS, record_or_404, store_words

bp = Blueprint("occurrences", __name__)


@bp.get("/<any(orders, events, customers):plural>/<number>/occurrences/<int:occurrence_id>")
def show(plural: str, number: str, occurrence_id: int) -> Response:
    kind = KINDS[plural]
    record = record_or_404(kind, number)
    occurrence = scope.occurrence_or_404(occurrence_id)
    merged = merged_customers.ids_of(db.session(), record.id) if kind.subject == "customer" else []
    if occurrence.subject != kind.subject or occurrence.record_id not in (record.id, *merged):
        abort(404)
    entry = record_log.one_occurrence(db.session(), store_words(), occurrence)
    context: dict[str, Any] = {"kind": kind, "record": record, "entry": entry, "whole": True}
    part = "log/_others.html" if request.args.get("part") == "others" else "log/_entry.html"
    return render_part_or_page(part, "log/occurrence.html", **context)
