"""The overview of one automation: how it is doing, what it did last, and what it will do next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, g

from automations.features.authoring import drafts, version_history
from automations.features.examples import checking
from automations.features.expectations import standing
from automations.features.figures.outcomes import RARE, SERIES
from automations.features.history import following, outcome_days
from automations.features.history.automation_runs import runs_page
from automations.features.history.upcoming_runs import upcoming
from automations.features.past import gone_quiet
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.pipeline.delivery import closed_endpoints
from automations.web.automations.outcome_chart import outcome_chart
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.scope import automation_or_404
from automations.web.records.kind_pages import url_of
from automations.web.records.record_links import links_to

bp = Blueprint("automation_overviews", __name__, url_prefix="/automations/<int:automation_id>")

LATEST, COMING, VERSIONS = 7, 4, 3


@bp.get("/overview")
def show(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    now, words = dt.datetime.now(dt.UTC), StoreWords(db.session(), g.store)
    live = automation.active_version or automation.latest_version
    data = live.definition if live else automation.draft
    context: dict[str, Any] = {"automation": automation, "live": live}
    context["sentence"] = drafts.in_words(words, data)
    context["closed"] = closed_endpoints.of_actions(db.session(), g.store.id, data["actions"])
    context["broken"] = standing.broken_about(db.session(), g.store.id, automation.id)
    context["quiet"] = gone_quiet.told(db.session(), automation)
    if live:
        context |= _doings(automation, words, now)
        context["entries"] = version_history.history(db.session(), g.store, automation, VERSIONS)
    return render_part_or_page("automations/_doings.html", "automations/overview.html", **context)


def _doings(automation: Automation, words: StoreWords, now: dt.datetime) -> dict[str, Any]:
    """Return what changes while someone looks: figures, chart, latest runs and what is coming up."""
    outcomes = outcome_days.outcomes(db.session(), g.store, automation.id, now)
    page = runs_page(db.session(), words, automation, limit=LATEST)
    coming = upcoming(db.session(), g.store, automation, COMING + 1, now=now)
    asked = checking.ask(db.session(), words, automation, automation.draft)
    examples = [answer.example for answer in asked.answers]
    lines = [line for run in page.runs for line in (run.worst, *run.others) if line]
    return {
        "outcomes": outcomes,
        "labels": {one: text for one, text in SERIES.items() if one not in RARE or outcomes.total(one)},
        "chart": outcome_chart(outcomes.days),
        "runs": page.runs,
        "more_runs": page.next is not None,
        "coming": coming[:COMING],
        "more_coming": len(coming) > COMING,
        "asked": asked,
        "links": links_to((example.subject, example.record_id) for example in examples),
        "url_of": url_of,
        "follows": following.seconds_to_next_look(lines, now),
    }
