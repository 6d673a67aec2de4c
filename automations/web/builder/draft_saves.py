"""The builder's page saves its draft by itself: in any state, as long as nobody else has saved since."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from flask import Blueprint, Response, g, make_response, render_template

from automations.engine.rules.rule import Problem
from automations.features.authoring import drafts
from automations.features.authoring.drafts import Conflict
from automations.features.authoring.unique_name import free_name
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.web.builder import submit
from automations.web.builder.form_data import Submitted
from automations.web.kit.scope import NEW, automation_or_new

bp = Blueprint("draft_saves", __name__, url_prefix="/automations/<int:automation_id>/saves")

STATE = "automations/_save_state.html"


@bp.post("")
def create(automation_id: int) -> Response:
    """Save what was sent; a name that cannot be used keeps back only itself."""
    automation = automation_or_new(automation_id)
    sent = submit.sent_form(submit.words_of_store())
    if sent.refusal:
        return _not_saved(sent.refusal, 422)
    problem = drafts.name_problem(db.session(), g.store, sent.name, submit.id_of(automation, sent))
    try:
        saved, step = submit.keep(automation, _with_name(automation, sent, problem))
    except Conflict as conflict:
        return _not_saved(f"{conflict} Press Save to see both versions.", 409)
    now = dt.datetime.now(dt.UTC)
    undo = step if step and step.before is not None else None
    body = render_template(STATE, at=now, undo=undo, problem=problem.sentence if problem else "")
    headers = {"Draft-State": "kept", "Draft-Revision": str(saved.revision), "Draft-Id": str(saved.id)}
    return make_response(body, 422 if problem else 200, headers)


def _with_name(automation: Automation, sent: Submitted, problem: Problem | None) -> Submitted:
    if problem is None:
        return sent
    kept = automation if automation.id != NEW else submit.of_sitting(sent)
    return replace(sent, name=kept.name if kept else free_name(db.session(), g.store, submit.UNNAMED))


def _not_saved(sentence: str, status: int) -> Response:
    body = render_template(STATE, at=None, undo=None, problem=sentence)
    return make_response(body, status, {"Draft-State": "refused"})
