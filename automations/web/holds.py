"""After a restore: what may already have gone out, and the decision of an admin to let it go or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, url_for
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from automations.models.base import db, in_write
from automations.models.hold import Hold
from automations.models.occurrence import Evaluation
from automations.models.people import User
from automations.models.run import Run
from automations.pipeline import holding
from automations.pipeline.resolve import AlreadyDecided
from automations.pipeline.why_runs import runs_of
from automations.pipeline.why_words import record_words
from automations.web import scope
from automations.web.paging import page_of
from automations.web.record_kinds import url_of

bp = Blueprint("holds", __name__, url_prefix="/hold")

Decision = Callable[[Session, User, dt.datetime], object]


@bp.get("")
def show() -> str:
    hold, now = hold_now(), dt.datetime.now(dt.UTC)
    if hold is None:
        return render_template("holds/show.html", hold=None)
    page = page_of(_whole(holding.kept_back(hold, now)), Run.id)
    ids = [run.id for run in page.rows]
    before = set(db.session.scalars(sa.select(Run.id).where(Run.id.in_(ids), holding.from_before(hold))))
    counts = _counts(hold, now)
    lines = runs_of(db.session(), [run.evaluation_id for run in page.rows])
    by_id = {line.id: line for found in lines.values() for line in found}
    words = {"url_of": url_of, "record_words": record_words, "lines": by_id, "before": before}
    return render_template("holds/show.html", hold=hold, page=page, counts=counts, **words)


@bp.post("/runs/<int:run_id>/releases")
def release(run_id: int) -> Response:
    return _one(run_id, holding.release, "It goes out in a moment.")


@bp.post("/runs/<int:run_id>/arrivals")
def arrived(run_id: int) -> Response:
    return _one(run_id, holding.arrived, "Noted: it arrived, and is not sent again.")


@bp.post("/arrivals")
def all_arrived() -> Response:
    found = 0
    # In pieces, so that a long list does not keep the till waiting.
    while done := _decide(lambda session, user, now: _all_arrived(session, user, now)):
        found += int(done)
    flash(f"{found} actions from before the restore are marked as arrived, and are not sent again.")
    return redirect(url_for("holds.show"), 303)


@bp.post("/end")
def end() -> Response:
    try:
        _decide(lambda session, user, now: holding.end(session, _hold(session), user, now))
    except AlreadyDecided as error:
        flash(str(error), "error")
    else:
        flash("The hold has ended. What waited goes out now.")
    return redirect(url_for("home.show"), 303)


def hold_now() -> Hold | None:
    """The hold that the store of the signed-in person is on."""
    return holding.current(db.session(), g.store.id)


def register(app: Flask) -> None:
    """Give the templates what the banner needs."""
    app.jinja_env.globals.update(hold_now=hold_now)


def _one(run_id: int, decision: Callable[[Session, Run, User, dt.datetime], None], sentence: str) -> Response:
    scope.run_or_404(run_id)
    try:
        _decide(lambda session, user, now: decision(session, session.get_one(Run, run_id), user, now))
    except AlreadyDecided as error:
        flash(str(error), "error")
    else:
        flash(sentence)
    return redirect(url_for("holds.show"), 303)


def _decide(decision: Decision) -> object:
    user_id, now = g.user.id, dt.datetime.now(dt.UTC)
    return in_write(lambda session: decision(session, session.get_one(User, user_id), now))


def _all_arrived(session: Session, user: User, now: dt.datetime) -> int:
    return holding.all_arrived(session, _hold(session), user, now)


def _hold(session: Session) -> Hold:
    return holding.current(session, g.store.id) or abort(409, "Nothing is on hold any more.")


def _counts(hold: Hold, now: dt.datetime) -> tuple[int, int]:
    """How many wait for a decision, and how many of them are from before."""
    waiting = sa.select(sa.func.count(Run.id)).where(holding.kept_back(hold, now))
    before = waiting.where(holding.from_before(hold))
    return db.session.scalar(waiting) or 0, db.session.scalar(before) or 0


def _whole(wanted: sa.ColumnElement[bool]) -> sa.Select[Run]:
    """The runs, each with what it came from."""
    evaluation = joinedload(Run.evaluation)
    from_what = (evaluation.joinedload(Evaluation.occurrence), evaluation.joinedload(Evaluation.version))
    return sa.select(Run).where(wanted).options(*from_what)
