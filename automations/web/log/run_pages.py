"""What an action did, and those that need a person: they failed, or may or may not have arrived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, render_template, request
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from automations.features.history.log_entries import RunLine
from automations.features.history.log_phrases import record_words
from automations.features.history.log_walk import newest_ids
from automations.features.history.run_lines import lines_of, runs_of
from automations.models.db.base import db, run_in_write
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import FAILED, UNKNOWN, WAITING, Run
from automations.pipeline.runs import run_decisions
from automations.web.kit import safe_redirect, scope
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.paging import LENGTH, page_of, requested_key
from automations.web.kit.scope import LARGEST_ID
from automations.web.records.kind_pages import url_of

bp = Blueprint("runs", __name__)

Decision = Callable[[Session, Run, User, dt.datetime], None]
#: What a person can decide about a run in state unknown, and the sentence that confirms it.
DECISIONS: dict[str, tuple[Decision, str]] = {
    "arrived": (run_decisions.arrived, "Noted: it arrived."),
    "send_again": (run_decisions.send_again, "It will be sent again in a moment."),
}


#: How many failing runs are shown below those that need a person.
FAILING_SHOWN = 20
_STILL_FAILING = (Run.state == WAITING, Run.reason.is_not(None))


@bp.get("/needs-you")
def index() -> str:
    before = requested_key()
    # Which ones are shown is known before whatever belongs to them is read.
    newest = [_ids(Run.state == state, Run.id < (before or LARGEST_ID)) for state in (FAILED, UNKNOWN)]
    ids = newest_ids(db.session(), newest, Run.id, LENGTH + 1)
    page = page_of(undecided().where(Run.id.in_(ids)), Run.id)
    ids = newest_ids(db.session(), [_ids(*_STILL_FAILING)], Run.id, FAILING_SHOWN)
    failing = db.session.scalars(still_failing().where(Run.id.in_(ids)).order_by(Run.id.desc())).all()
    by_id = lines_by_id([*page.rows, *failing])
    context = {"page": page, "failing": failing, "most": FAILING_SHOWN, "lines": by_id}
    return render_template("log/needs_you.html", url_of=url_of, record_words=record_words, **context)


def undecided() -> sa.Select[Run]:
    """Return the runs that need a person."""
    return _runs(Run.state.in_((FAILED, UNKNOWN)))


def still_failing() -> sa.Select[Run]:
    """Return the runs that are tried again, or held."""
    return _runs(*_STILL_FAILING)


def _ids(*conditions: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(Run.id).where(Run.store_id == g.store.id, *conditions)


def lines_by_id(runs: Sequence[Run]) -> dict[int, RunLine]:
    """Return what is told of these runs and of those beside them, by the id of the run."""
    lines = runs_of(db.session(), [run.evaluation_id for run in runs])
    return {line.id: line for evaluation_lines in lines.values() for line in evaluation_lines}


@bp.get("/runs/<int:run_id>")
def show(run_id: int) -> Response:
    """Show one run: what was sent, to whom, when, and the answer; for htmx only that."""
    row = scope.run_or_404(run_id)
    context: dict[str, Any] = {"row": row, "run": lines_of(db.session(), [run_id])[run_id]}
    context |= {"url_of": url_of, "record_words": record_words}
    return render_part_or_page("log/_run_detail.html", "log/run.html", **context)


@bp.post("/runs/<int:run_id>/retries")
def retry(run_id: int) -> Response:
    return _decide(run_id, run_decisions.retry, "It will be tried again in a moment.")


@bp.post("/runs/<int:run_id>/earlier-tries")
def hurry(run_id: int) -> Response:
    return _decide(run_id, run_decisions.try_now, "It is being tried now instead of later.")


@bp.post("/runs/<int:run_id>/resolutions")
def settle(run_id: int) -> Response:
    decision, sentence = DECISIONS.get(request.form.get("decision", ""), (None, ""))
    if decision is None:
        abort(400, "Choose whether it arrived or needs to be sent again.")
    return _decide(run_id, decision, sentence)


def _decide(run_id: int, decision: Decision, sentence: str) -> Response:
    scope.run_or_404(run_id)
    back, user_id, now = safe_redirect.current_page(), g.user.id, dt.datetime.now(dt.UTC)

    def work(session: Session) -> None:
        decision(session, session.get_one(Run, run_id), session.get_one(User, user_id), now)

    try:
        run_in_write(work)
    except run_decisions.AlreadyDecided as error:
        flash(str(error), "error")
    else:
        flash(sentence)
    return redirect(back if back != "/" else "/needs-you", 303)


def _runs(*conditions: sa.ColumnElement[bool]) -> sa.Select[Run]:
    """Select the store's runs that meet `conditions`, each with its occurrence and version loaded."""
    evaluation = joinedload(Run.evaluation)
    origin = (evaluation.joinedload(Evaluation.occurrence), evaluation.joinedload(Evaluation.version))
    return sa.select(Run).where(Run.store_id == g.store.id, *conditions).options(*origin)
