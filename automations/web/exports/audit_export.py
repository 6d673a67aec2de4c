"""The audit log as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response

from automations.models.tables.people import Audit
from automations.web.exports.csv_response import csv_response, newest_first
from automations.web.log.audit_pages import asked_for
from automations.web.log.audit_phrases import actor, done_words

bp = Blueprint("audit_exports", __name__)

HEADINGS = ("When (UTC)", "Who", "What")


@bp.get("/settings/audit.csv")
def export() -> Response:
    """Return the entries that the page finds with the same filters, newest first."""
    return csv_response("audit", HEADINGS, newest_first(asked_for(), Audit.id, _rows_of), "the audit log")


def _rows_of(entry: Audit) -> Iterator[tuple[str, ...]]:
    yield f"{entry.at:%Y-%m-%d %H:%M:%S}", actor(entry), done_words(entry)
