"""An automation that is held because it fired far more than usual: what waits, and a manager's decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from automations.features.history.log_phrases import record_words
from automations.features.surge import measures, releasing, waiting
from automations.features.surge.waiting import HeldFirings
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.surge_hold import SurgeHold
from automations.pipeline.runs import surge_counts
from automations.pipeline.runs.run_decisions import AlreadyDecided
from automations.web.kit import paging, scope
from automations.web.kit.scope import automation_or_404, by_id_or_404
from automations.web.kit.template_filters import counted
from automations.web.records.kind_pages import url_of

#: Where a request keeps the holds that it asked for once.
HOLDS = "automations.surge_holds"
#: More than so many are asked about once more.
MANY = 20
LISTED = 50
LARGEST = 1_000_000
LIMIT_WRONG = "The number in an hour has to be a whole number from 1 to {}."
REASON_MISSING = "Enter why it is never held. The audit keeps the reason."

bp = Blueprint("surges", __name__, url_prefix="/automations/<int:automation_id>/hold")


@bp.get("")
def show(automation_id: int) -> Response:
    return _page(automation_or_404(automation_id))


@bp.post("/releases")
def release(automation_id: int) -> Response | Answer:
    first = releasing.FIRST if request.form.get("which") == "first" else None
    hold = _hold_of(automation_id)
    if first is None and not _is_sure(hold):
        return _page(hold.automation, "release")
    up_to = _up_to()
    said = "{} released. They are sent now, if their conditions still hold."
    return _decided(automation_id, said, lambda *who: releasing.release(*_bound(hold, *who), up_to, first))


@bp.post("/cancellations")
def drop(automation_id: int) -> Response | Answer:
    hold = _hold_of(automation_id)
    if not _is_sure(hold):
        return _page(hold.automation, "drop")
    up_to = _up_to()
    said = "{} cancelled. None of it is sent."
    return _decided(automation_id, said, lambda *who: releasing.drop(*_bound(hold, *who), up_to))


@bp.post("/measures")
def measure(automation_id: int) -> Response | Answer:
    automation, by = automation_or_404(automation_id), request.form.get("by", "past")
    text = request.form.get("limit", "").strip()
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) <= 7 else 0
    reason = " ".join(request.form.get("reason", "").split())[: measures.LONGEST_REASON]
    if by == "limit" and not 1 <= limit <= LARGEST:
        return _page(automation, problem=LIMIT_WRONG.format(counted(LARGEST)), status=422)
    if by == "never" and not reason:
        return _page(automation, problem=REASON_MISSING, status=422)
    measured = (limit if by == "limit" else None, reason if by == "never" else None)
    with write() as session:
        now = dt.datetime.now(dt.UTC)
        measures.measure_by(session, session.get_one(Automation, automation.id), g.user, now, *measured)
    flash("Saved. It applies from the next time it fires.")
    return redirect(url_for(".show", automation_id=automation_id), 303)


@bp.app_template_global()
def holds_of(automation: Automation) -> Sequence[SurgeHold]:
    """Return the holds of an automation that nobody ended yet; one query for each request."""
    # Not in `g`: within another context of the same program it outlives the request and its session.
    asked: dict[str, Any] = request.environ
    if HOLDS not in asked:
        asked[HOLDS] = waiting.open_holds(db.session(), g.store.id)
    return [hold for hold in asked[HOLDS] if hold.automation_id == automation.id]


@bp.app_template_global()
def held_firings(hold: SurgeHold) -> HeldFirings:
    """Return what waits in a hold."""
    return waiting.held_firings(db.session(), hold)


def _page(automation: Automation, asking: str = "", problem: str = "", status: int = 200) -> Response:
    holds = holds_of(automation)
    after = paging.requested_key() or 0
    rows = waiting.page(db.session(), holds[0], after, LISTED + 1) if holds else []
    context: dict[str, Any] = {"automation": automation, "holds": holds, "rows": rows[:LISTED]}
    context["more"] = paging.older_url(rows[LISTED - 1].id) if len(rows) > LISTED else ""
    context |= {"newest": paging.newest_url(), "asking": asking, "problem": problem, "form": request.form}
    context |= {"many": MANY, "first": releasing.FIRST, "url_of": url_of, "record_words": record_words}
    context["limits"] = surge_counts.limits_of(db.session(), automation.id)
    return make_response(render_template("surges/show.html", **context), status)


def _hold_of(automation_id: int) -> SurgeHold:
    automation = automation_or_404(automation_id)
    text = request.form.get("hold", "")
    id = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    hold = by_id_or_404(SurgeHold, id)
    return hold if hold.automation_id == automation.id else by_id_or_404(SurgeHold, 0)


def _is_sure(hold: SurgeHold) -> bool:
    return bool(request.form.get("sure")) or waiting.held_firings(db.session(), hold).count <= MANY


def _up_to() -> int:
    text = request.form.get("up_to", "")
    return min(int(text), scope.LARGEST_ID) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _bound(
    hold: SurgeHold, session: Session, user: User, now: dt.datetime
) -> tuple[Session, SurgeHold, User, dt.datetime]:
    return session, session.get_one(SurgeHold, hold.id), user, now


def _decided(automation_id: int, said: str, decide: Callable[[Session, User, dt.datetime], int]) -> Answer:
    try:
        with write() as session:
            count = decide(session, session.get_one(User, g.user.id), dt.datetime.now(dt.UTC))
    except AlreadyDecided as error:
        flash(str(error), "warning")
        return redirect(url_for(".show", automation_id=automation_id), 303)
    flash(said.format(f"{counted(count)} {'firing is' if count == 1 else 'firings are'}"))
    request.environ.pop(HOLDS, None)
    left = any(hold.automation_id == automation_id for hold in waiting.open_holds(db.session(), g.store.id))
    where = ".show" if left else "automation_overviews.show"
    return redirect(url_for(where, automation_id=automation_id), 303)
