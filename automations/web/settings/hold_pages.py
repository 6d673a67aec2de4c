"""The page after a restore: runs that may already have gone out, and an admin's decision about each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, url_for
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from automations.engine.wording.formats import BRITISH, count_words
from automations.features.history.log_phrases import record_words
from automations.features.history.run_lines import runs_of
from automations.models.db.base import db, run_in_write
from automations.models.tables.hold import Hold
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import Run
from automations.pipeline.runs import store_hold
from automations.pipeline.runs.run_decisions import AlreadyDecided
from automations.web.kit import navigation, scope
from automations.web.kit.paging import page_of
from automations.web.records.kind_pages import url_of

bp = Blueprint("holds", __name__, url_prefix="/hold")

Result = TypeVar("Result")


@bp.get("")
def show() -> str:
    hold, now = current_hold(), dt.datetime.now(dt.UTC)
    if hold is None:
        return render_template("holds/show.html", hold=None)
    page = page_of(_with_evaluations(store_hold.waiting_runs(hold, now)), Run.id)
    ids = [run.id for run in page.rows]
    before = set(
        db.session.scalars(sa.select(Run.id).where(Run.id.in_(ids), store_hold.from_before_hold(hold)))
    )
    counts = _counts(hold, now)
    lines_by_evaluation = runs_of(db.session(), [run.evaluation_id for run in page.rows])
    by_id = {line.id: line for lines in lines_by_evaluation.values() for line in lines}
    words = {"url_of": url_of, "record_words": record_words, "lines": by_id, "before": before}
    return render_template("holds/show.html", hold=hold, page=page, counts=counts, **words)


@bp.post("/runs/<int:run_id>/releases")
def release(run_id: int) -> Response:
    return _decide_about(run_id, store_hold.release, "It goes out in a moment.")


@bp.post("/runs/<int:run_id>/arrivals")
def arrived(run_id: int) -> Response:
    return _decide_about(run_id, store_hold.arrived, "Marked as arrived. It will not be sent again.")


@bp.post("/arrivals")
def all_arrived() -> Response:
    count = 0
    # In batches, so that a long list does not keep the till waiting.
    while marked := _decide(_all_arrived):
        count += marked
    these = f"{count_words(count, 'actions', BRITISH)} from before the restore"
    flash(f"Marked as arrived: {these}. {'It' if count == 1 else 'They'} will not be sent again.")
    return redirect(url_for("holds.show"), 303)


@bp.post("/end")
def end() -> Response:
    try:
        _decide(lambda session, user, now: store_hold.end(session, _hold(session), user, now))
    except AlreadyDecided as error:
        flash(str(error), "error")
    else:
        flash("The hold has ended. Everything that was waiting is sent now.")
    return redirect(url_for("home.show"), 303)


def current_hold() -> Hold | None:
    """Return the current hold of the signed-in person's store, or None."""
    return store_hold.current(db.session(), g.store.id) if navigation.waiting().on_hold else None


def register(app: Flask) -> None:
    """Make `current_hold` available to the templates of the banner."""
    app.jinja_env.globals.update(current_hold=current_hold)


def _decide_about(
    run_id: int, decision: Callable[[Session, Run, User, dt.datetime], None], sentence: str
) -> Response:
    scope.run_or_404(run_id)
    try:
        _decide(lambda session, user, now: decision(session, session.get_one(Run, run_id), user, now))
    except AlreadyDecided as error:
        flash(str(error), "error")
    else:
        flash(sentence)
    return redirect(url_for("holds.show"), 303)


def _decide(decision: Callable[[Session, User, dt.datetime], Result]) -> Result:
    user_id, now = g.user.id, dt.datetime.now(dt.UTC)
    return run_in_write(lambda session: decision(session, session.get_one(User, user_id), now))


def _all_arrived(session: Session, user: User, now: dt.datetime) -> int:
    return store_hold.all_arrived(session, _hold(session), user, now)


def _hold(session: Session) -> Hold:
    return store_hold.current(session, g.store.id) or abort(409, "Nothing is on hold any more.")


def _counts(hold: Hold, now: dt.datetime) -> tuple[int, int]:
    """Return (runs that wait for a decision, how many of them are from before the restore)."""
    waiting = sa.select(sa.func.count(Run.id)).where(store_hold.waiting_runs(hold, now))
    before = waiting.where(store_hold.from_before_hold(hold))
    return db.session.scalar(waiting) or 0, db.session.scalar(before) or 0


def _with_evaluations(clause: sa.ColumnElement[bool]) -> sa.Select[Run]:
    """Return the query of the matching runs, each loaded with its evaluation, occurrence and version."""
    evaluation = joinedload(Run.evaluation)
    origin = (evaluation.joinedload(Evaluation.occurrence), evaluation.joinedload(Evaluation.version))
    return sa.select(Run).where(clause).options(*origin)
