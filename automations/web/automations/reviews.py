"""The step before going live: the builder's "Publish…" saves and shows what publishing would do."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from automations.features.authoring import publish, shadow_mode
from automations.features.rollout.publish_review import review
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.web.automations.review_emails import designed_emails
from automations.web.builder import submit
from automations.web.kit.fragments import go_to
from automations.web.kit.later import address_of_whole, past_is_long
from automations.web.kit.scope import automation_or_404, automation_or_new
from automations.web.records.record_links import links_to

bp = Blueprint("automation_reviews", __name__, url_prefix="/automations/<int:automation_id>")

PAGE = "publish/show.html"
REASON_NEEDED = "A pinned example breaks. Fix the rule, or enter a reason to publish anyway."


class ChangedMeanwhile(Exception):
    """The draft is no longer the one that the review showed."""

    def __init__(self, automation: Automation) -> None:
        who = automation.editor.name if automation.editor else "Someone"
        super().__init__(
            f"{who} saved this automation in the meantime, and nothing is published yet: here is what"
            " publishing would do now."
        )


@bp.post("/reviews")
def create(automation_id: int) -> Response | Answer:
    automation = automation_or_new(automation_id)
    saved = submit.save(automation, submit.sent_form(submit.words_of_store()), complete=True)
    if isinstance(saved, Response):
        return saved
    return go_to(url_for(".show", automation_id=saved.automation.id))


@bp.get("/publish")
def show(automation_id: int) -> Response:
    return page(automation_or_404(automation_id))


def page(automation: Automation, status: int = 200, wrong: str = "", reason: str = "") -> Response:
    """Return the review of the draft as it is saved now; `wrong` says why the last choice was not taken."""
    if later := address_of_whole(request.method == "GET" and past_is_long()):
        return make_response(render_template("publish/later.html", automation=automation, later=later))
    now = dt.datetime.now(dt.UTC)
    words = submit.words_of_store()
    found = review(db.session(), g.store, words, automation, now)
    until = now + dt.timedelta(days=shadow_mode.DAYS)
    context: dict[str, Any] = {
        "automation": automation,
        "review": found,
        "wrong": wrong,
        "reason": reason,
        "until": until,
    }
    context["seen_by"], context["emails"] = designed_emails(found, words, now)
    links = links_to((one.subject, one.record_id) for one in (found.who.newest if found.who else ()))
    typed = request.form.get("days", str(shadow_mode.DAYS))
    days = {"days": typed, "fewest": shadow_mode.FEWEST, "most": shadow_mode.MOST}
    return make_response(render_template(PAGE, **context, **days, links=links), status)


def lock_reviewed(session: Session, automation: Automation) -> None:
    """Lock the draft that was reviewed, inside write(). Raises ChangedMeanwhile if it is another by now."""
    publish.lock(session, automation)
    if request.form.get("reviewed", "") != str(automation.revision):
        raise ChangedMeanwhile(automation)
