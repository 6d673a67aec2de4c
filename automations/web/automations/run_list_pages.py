"""The runs of one automation, newest first, all of them or those with one outcome."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from automations.features.figures import outcomes
from automations.features.history.automation_runs import runs_page
from automations.features.history.outcome_days import HELD_BACK
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.web.kit import paging
from automations.web.kit.scope import automation_or_404
from automations.web.records.kind_pages import url_of

#: The filters that are offered; failing, failed and unknown each have an address too.
OFFERED = outcomes.SERIES
LABELS = {**{one: badge.word for one, badge in outcomes.WORDS.items()}, **OFFERED}

bp = Blueprint("automation_runs", __name__, url_prefix="/automations/<int:automation_id>/runs")


@bp.get("")
def index(automation_id: int) -> str:
    automation, outcome = automation_or_404(automation_id), asked_for()
    words = StoreWords(db.session(), g.store)
    page = runs_page(db.session(), words, automation, outcome, paging.requested_key())
    urls = {"older": paging.older_url(page.next), "newer": paging.newest_url()}
    context = {"automation": automation, "page": page, "outcome": outcome, "url_of": url_of}
    context |= {"labels": OFFERED, "heading": LABELS.get(outcome, "All runs")}
    return render_template("automations/runs.html", **context, **urls)


def asked_for() -> str:
    """Return the outcome that the address asks for, "" for all."""
    asked = request.args.get("outcome", "")
    return asked if asked in LABELS else ""


def word_of(outcome: str) -> str:
    """Return the word for what became of a run, a key of figures.outcomes or HELD_BACK."""
    return "Held back or over its cap" if outcome == HELD_BACK else outcomes.WORDS[outcome].word
