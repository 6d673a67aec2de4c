"""The summary of every morning: a person's choice, and the link in it that ends it without signing in."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.features.operations import daily_summaries, summary_decisions, summary_words
from automations.features.operations.summary_decisions import SummaryDecided
from automations.models.db.base import db, run_in_write
from automations.models.settings import email_server
from automations.models.tables.daily_summary import DailySummary
from automations.models.tables.people import Membership

bp = Blueprint("daily_summaries", __name__)
bp.add_app_template_global(lambda: _open_summary(), "open_summary")
bp.add_app_template_global(lambda: _has_server(), "has_mail_server")

COMES = "The daily summary comes in the morning, if there is something to say."
KEPT = "The daily summary stays in the Mailbox: no mail server is set up, so no email comes."


@bp.post("/notifications/daily-summary")
def update() -> Response:
    """Switch the signed-in person's summary in this store on or off."""
    membership_id, on = g.membership.id, request.form.get("on") == "yes"

    def work(session: Session) -> None:
        membership = session.get_one(Membership, membership_id)
        daily_summaries.choose(session, membership, on, dt.datetime.now(dt.UTC))

    run_in_write(work)
    comes = COMES if _has_server() else KEPT
    flash(comes if on else "You get no daily summary any more.")
    return redirect(url_for("notifications.index"), 303)


@bp.post("/notifications/daily-summary/decision")
def settle() -> Response:
    """Send the signed-in person's summary of today again, or keep that it arrived."""
    membership_id, now = g.membership.id, dt.datetime.now(dt.UTC)
    again = request.form.get("decision") == "send_again"
    decide = summary_decisions.send_again if again else summary_decisions.arrived

    def work(session: Session) -> None:
        decide(session, session.get_one(Membership, membership_id), _today(now), now)

    try:
        run_in_write(work)
        flash("It is sent again in a moment." if again else "Noted: it arrived.")
    except SummaryDecided as problem:
        flash(str(problem), "error")
    return redirect(url_for("notifications.index"), 303)


def _has_server() -> bool:
    return email_server.is_set_up(db.session(), g.store.id)


def _open_summary() -> DailySummary | None:
    now = dt.datetime.now(dt.UTC)
    return summary_decisions.open_summary(db.session(), g.membership.id, _today(now))


def _today(now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(g.store.timezone)).date()


@bp.get("/daily-letter/<token>")
def moved(token: str) -> Response:
    """Lead on to where a link in an email of an earlier release leads now."""
    return redirect(url_for(".show", token=token), 303)


@bp.get("/daily-summary/<token>")
def show(token: str) -> str:
    return _page(token)


@bp.post("/daily-summary/<token>")
def end(token: str) -> str:
    _membership_or_404(db.session(), token)

    def work(session: Session) -> None:
        daily_summaries.choose(session, _membership_or_404(session, token), False, dt.datetime.now(dt.UTC))

    run_in_write(work)
    return _page(token)


def _page(token: str) -> str:
    membership = _membership_or_404(db.session(), token)
    return render_template("notifications/summary.html", membership_of_summary=membership, token=token)


def _membership_or_404(session: Session, token: str) -> Membership:
    return summary_words.membership_named(session, token) or abort(404)
