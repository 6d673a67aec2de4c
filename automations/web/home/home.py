"""Today, the first page: what needs a person, the day's figures, what comes next, and the latest activity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g
from sqlalchemy.orm import joinedload

from automations.features.history import day_so_far, following, store_log, upcoming_runs
from automations.features.history.log_entries import LogEntry
from automations.features.history.log_filter import FIRED, LogFilter
from automations.features.history.log_phrases import record_words
from automations.features.history.run_lines import runs_of
from automations.features.past.quiet_now import quiet_now
from automations.features.surge import waiting
from automations.models.db.base import db
from automations.models.inbox import over_shadows, task_changes
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import FAILED, UNKNOWN, Run
from automations.web.kit.fragments import render_part_or_page
from automations.web.records.kind_pages import store_words, url_of

#: What is shown of each part; the rest stands on a page of its own.
DECISIONS, LATEST, COMING = 8, 6, 6

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> Response:
    session, now = db.session(), dt.datetime.now(dt.UTC)
    context: dict[str, Any] = {"now": now, "latest": _latest(), "on": _number(on=True)}
    context["any_automation"] = bool(context["on"]) or bool(_number(on=False))
    context["day"] = day_so_far.day_so_far(session, g.store, now)
    context["coming"] = upcoming_runs.written(session, g.store, COMING)
    context["tasks"] = task_changes.count_open(session, g.store.id)
    context |= {"url_of": url_of, **_needs_you()}
    lines = [*context["lines"].values(), *following.runs_of_entries(context["latest"])]
    context["follows"] = following.seconds_to_next_look_at_day(lines, now)
    return render_part_or_page("home/_today_answer.html", "home/today.html", **context)


def _latest() -> Sequence[LogEntry]:
    """Return what automations did last; where none has fired yet, what happened."""
    for outcome in (FIRED, ""):
        asked = LogFilter(outcome=outcome)
        page = store_log.activity(db.session(), g.store, store_words(), asked, limit=LATEST)
        if page.entries:
            return page.entries
    return ()


def _needs_you() -> dict[str, Any]:
    session = db.session()
    version = joinedload(Run.evaluation).joinedload(Evaluation.version)
    occurrence = joinedload(Run.evaluation).joinedload(Evaluation.occurrence)
    undecided = sa.select(Run).where(Run.store_id == g.store.id, Run.state.in_((FAILED, UNKNOWN)))
    # Failed before unknown, and the oldest first, since it has waited longest.
    undecided = undecided.order_by(Run.state, Run.id).options(version, occurrence).limit(DECISIONS)
    rows = session.scalars(undecided).all()
    lines = runs_of(session, [run.evaluation_id for run in rows])
    by_id = {line.id: line for of_evaluation in lines.values() for line in of_evaluation}
    holds, quiet = waiting.open_holds(session, g.store.id), quiet_now(session, g.store)
    undecided_count = store_log.needs_you(session, g.store)
    shadows = over_shadows.waiting(session, g.store.id)
    count = undecided_count + len(holds) + len(shadows)
    found = {"undecided": rows, "lines": by_id, "undecided_count": undecided_count, "count": count}
    return {**found, "holds": holds, "shadows": shadows, "quiet": quiet, "record_words": record_words}


def _number(*, on: bool) -> int:
    """Return the number of the store's automations that are on, or of all that are not archived."""
    wanted = Automation.active_version_id.is_not(None) if on else Automation.archived_at.is_(None)
    query = sa.select(sa.func.count()).select_from(Automation).where(Automation.store_id == g.store.id)
    return db.session.scalar(query.where(wanted)) or 0
