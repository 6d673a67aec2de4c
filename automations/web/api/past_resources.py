"""What the saved draft of an automation would have done in the recorded past, as JSON: count and funnel."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, g, request

from automations.engine.rules.rule_check import Problem
from automations.features.past.funnel import Funnel, funnel
from automations.features.past.period import DEFAULT, PERIODS, period_of
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.pipeline.records.snapshots import instant
from automations.web.api import api_requests
from automations.web.api.api_blueprint import bp
from automations.web.api.problem_details import answer, refuse


@bp.get("/automations/<int:automation_id>/past")
def pasts_show(automation_id: int) -> Response:
    """Return how often the saved draft would have fired, and what each of its rows let through."""
    automation = api_requests.automation_or_404(automation_id)
    key = request.args.get("period", DEFAULT)
    if key not in PERIODS:
        problem = Problem("period", f"Needs one of {', '.join(PERIODS)}.")
        refuse(422, "Not accepted", f"period: {problem.sentence}", [problem])
    words, period = StoreWords(db.session(), g.store), period_of(key, g.store, dt.datetime.now(dt.UTC))
    found = funnel(db.session(), g.store, words, automation.draft, period)
    return answer({"past": {"automation_id": automation.id, "period": key} | _plain(found)})


def _plain(found: Funnel) -> dict[str, Any]:
    return {
        "of": found.base,
        "fired": found.fired,
        "records": found.records,
        "within_limits": found.capped,
        "unknown": found.unknown,
        "known_from": instant(found.known_from) if found.known_from else None,
        "unjudged": list(found.unjudged),
        "written_since": [
            {"field": field.label, "since": instant(field.since) if field.since else None}
            for field in found.unwritten
        ],
        "steps": [
            {
                "path": step.path,
                "came": step.came,
                "passed": step.passed,
                "errors": step.errors,
                "last_no": step.last_no,
            }
            for step in found.steps
        ],
        "days": [{"day": day.isoformat(), "fired": count} for day, count in found.per_day],
    }
