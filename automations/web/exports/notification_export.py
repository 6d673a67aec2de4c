"""A person's notifications as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response

from automations.models.tables.notification import Notification
from automations.web.exports.csv_response import csv_response, local, pieces
from automations.web.inbox import notification_pages

bp = Blueprint("notification_exports", __name__)

HEADINGS = ("At", "Notification", "Text", "About", "By the automation", "Outcome", "Read")


@bp.get("/notifications.csv")
def export() -> Response:
    """Return what the person was told, newest first; nobody else's."""
    return csv_response("notifications", HEADINGS, _rows(), "their notifications")


def _rows() -> Iterator[Sequence[str]]:
    for rows in pieces(notification_pages.own(), Notification.id):
        links, told_by = notification_pages.origins_of(rows)
        for row in rows:
            about, _ = links.get((row.subject, row.record_id), ("", ""))
            by = told_by.get(row.run_id or 0)
            automation, outcome = (by.name, by.badge.word) if by else ("", "")
            yield local(row.created_at), row.title, row.body, about, automation, outcome, local(row.read_at)
