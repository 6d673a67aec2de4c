"""Backtests of an automation: compare its draft with the live version over the past, and see for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from automations.features.backtest import backtests
from automations.features.backtest.backtests import PERIODS, USUAL_PERIOD, NotComparable
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import Backtest
from automations.web.automations import backtest_csv
from automations.web.automations.backtest_view import BacktestView
from automations.web.builder import submit
from automations.web.kit.email_view import expect_emails
from automations.web.kit.fragments import go_to, render_part_or_page
from automations.web.kit.scope import automation_or_404, by_id_or_404
from automations.web.kit.streamed_file import streamed_csv

bp = Blueprint("backtests", __name__, url_prefix="/automations/<int:automation_id>/backtests")

#: Backtests listed on the page that begins one.
LISTED = 20
STOPPED, OVER = "Stopped. What was read is kept below.", "It was over already."


@bp.get("")
def index(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    earlier = backtests.of_automation(db.session(), automation, LISTED)
    context = {"automation": automation, "earlier": earlier, "periods": PERIODS, "usual": USUAL_PERIOD}
    return render_template("backtests/index.html", **context)


@bp.post("")
def create(automation_id: int) -> Answer:
    automation = automation_or_404(automation_id)
    key = request.form.get("period", USUAL_PERIOD)
    if key not in PERIODS:
        abort(400, "Choose the last 30 days, the last 90 days or all that is kept.")
    try:
        backtest_id = _begin(automation, key)
    except NotComparable as refusal:
        for problem in refusal.problems[:5]:
            flash(f"The draft cannot be judged yet. {problem.sentence}", "error")
        return go_to(url_for("automations.show", automation_id=automation_id))
    return go_to(url_for(".show", automation_id=automation_id, backtest_id=backtest_id))


@bp.get("/<int:backtest_id>")
def show(automation_id: int, backtest_id: int) -> Response:
    view = BacktestView(_backtest_or_404(automation_id, backtest_id))
    expect_emails(g.store)
    context: dict[str, Any] = {"automation": view.backtest.automation, "view": view, "periods": PERIODS}
    return render_part_or_page("backtests/_backtest.html", "backtests/show.html", **context)


@bp.get("/<int:backtest_id>.csv")
def export(automation_id: int, backtest_id: int) -> Response:
    """Return every row with its reason as a CSV file; the audit log says who exported it."""
    teller = BacktestView(_backtest_or_404(automation_id, backtest_id)).teller
    with write():
        submit.note_change("exported a backtest of", teller.backtest.automation, dt.datetime.now(dt.UTC))
    return streamed_csv(backtest_csv.lines(teller), f"backtest-{backtest_id}")


@bp.post("/<int:backtest_id>/stop")
def stop(automation_id: int, backtest_id: int) -> Answer:
    backtest, now = _backtest_or_404(automation_id, backtest_id), dt.datetime.now(dt.UTC)
    with write() as session:
        stopped = backtests.stop(session, backtest.id, now)
        if stopped:
            submit.note_change("stopped a backtest of", backtest.automation, now)
    flash(STOPPED if stopped else OVER)
    return redirect(url_for(".show", automation_id=automation_id, backtest_id=backtest_id), 303)


def _begin(automation: Automation, key: str) -> int:
    """Begin a backtest of the draft in the builder's form, or of the saved one; return its id."""
    words, now = submit.words_of_store(), dt.datetime.now(dt.UTC)
    data = submit.sent_form(words).data if "revision" in request.form else automation.draft
    planned = backtests.plan(db.session(), g.store, words, automation, data, key, now)
    with write() as session:
        backtest = backtests.begin(session, g.store, automation, planned, g.user.name, now)
        submit.note_change("compared the draft of", automation, now, after={"period": PERIODS[key]})
        return backtest.id


def _backtest_or_404(automation_id: int, backtest_id: int) -> Backtest:
    automation_or_404(automation_id)
    backtest = by_id_or_404(Backtest, backtest_id)
    return backtest if backtest.automation_id == automation_id else abort(404)
