"""The letter of every morning: a person's choice, and the link in it that ends it without signing in."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.features.operations import daily_letters, letter_words
from automations.models.db.base import db, run_in_write
from automations.models.tables.people import Membership

bp = Blueprint("daily_letters", __name__)


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
