"""The letter of every morning: a person's choice, and the link in it that ends it without signing in."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.features.operations import daily_letters, letter_decisions, letter_words
from automations.features.operations.letter_decisions import LetterDecided
from automations.models.db.base import db, run_in_write
from automations.models.tables.daily_letter import DailyLetter
from automations.models.tables.people import Membership

bp = Blueprint("daily_letters", __name__)
bp.add_app_template_global(lambda: _open_letter(), "open_letter")


@bp.post("/notifications/daily-letter")
def update() -> Response:
    """Switch the signed-in person's letter in this store on or off."""
    membership_id, on = g.membership.id, request.form.get("on") == "yes"

    def work(session: Session) -> None:
        membership = session.get_one(Membership, membership_id)
        daily_letters.choose(session, membership, on, dt.datetime.now(dt.UTC))

    run_in_write(work)
    flash(
        "A letter comes in the morning, if there is something to say." if on else "No letter comes any more."
    )
    return redirect(url_for("notifications.index"), 303)


@bp.post("/notifications/daily-letter/decision")
def settle() -> Response:
    """Send the signed-in person's letter of today again, or keep that it arrived."""
    membership_id, now = g.membership.id, dt.datetime.now(dt.UTC)
    again = request.form.get("decision") == "send_again"
    decide = letter_decisions.send_again if again else letter_decisions.arrived

    def work(session: Session) -> None:
        decide(session, session.get_one(Membership, membership_id), _today(now), now)

    try:
        run_in_write(work)
        flash("It is sent again in a moment." if again else "Noted: it arrived.")
    except LetterDecided as problem:
        flash(str(problem), "error")
    return redirect(url_for("notifications.index"), 303)


def _open_letter() -> DailyLetter | None:
    now = dt.datetime.now(dt.UTC)
    return letter_decisions.open_letter(db.session(), g.membership.id, _today(now))


def _today(now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(g.store.timezone)).date()


@bp.get("/daily-letter/<token>")
def show(token: str) -> str:
    return _page(token)


@bp.post("/daily-letter/<token>")
def end(token: str) -> str:
    _membership_or_404(db.session(), token)

    def work(session: Session) -> None:
        daily_letters.choose(session, _membership_or_404(session, token), False, dt.datetime.now(dt.UTC))

    run_in_write(work)
    return _page(token)


def _page(token: str) -> str:
    membership = _membership_or_404(db.session(), token)
    return render_template("notifications/letter.html", membership_of_letter=membership, token=token)


def _membership_or_404(session: Session, token: str) -> Membership:
    return letter_words.membership_named(session, token) or abort(404)
