"""The bell: notifications for the signed-in person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from automations.features.history import notifying_runs
from automations.features.history.notifying_runs import Notifying
from automations.models.db.base import db, write
from automations.models.inbox import unread_notifications
from automations.models.tables.notification import Notification
from automations.web.kit.paging import page_of
from automations.web.kit.scope import notification_or_404
from automations.web.records.record_links import Link, link_to, links_to

bp = Blueprint("notifications", __name__, url_prefix="/notifications")


@bp.get("")
def index() -> str:
    page = page_of(own(), Notification.id)
    links, told_by = origins_of(page.rows)
    return render_template("notifications/index.html", listing=page, links=links, told_by=told_by)


def own() -> sa.Select[Notification]:
    """Return what this person was told in this store."""
    return sa.select(Notification).where(
        Notification.store_id == g.store.id, Notification.user_id == g.user.id
    )


def origins_of(
    rows: Sequence[Notification],
) -> tuple[dict[tuple[str | None, int | None], Link], dict[int, Notifying]]:
    """Return the links to the records that they are about, and by run the automation that sent them."""
    links = links_to((notification.subject, notification.record_id) for notification in rows)
    runs = [notification.run_id for notification in rows if notification.run_id]
    return links, notifying_runs.by_run(db.session(), runs)


@bp.post("/<int:notification_id>/reading")
def read(notification_id: int) -> Response:
    notification = notification_or_404(notification_id)
    link = link_to(notification.subject, notification.record_id)
    with write() as session:
        unread_notifications.mark_read(
            session, g.store.id, g.user.id, dt.datetime.now(dt.UTC), notification_id
        )
    return redirect(notification.path or (link[1] if link else url_for(".index")), 303)


@bp.post("/readings")
def read_all() -> Response:
    with write() as session:
        unread_notifications.mark_read(session, g.store.id, g.user.id, dt.datetime.now(dt.UTC))
    flash("Everything is marked as read.")
    return redirect(url_for(".index"), 303)
