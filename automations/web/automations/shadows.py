"""Shadow mode of an automation: start it, read what it would have done, and decide what follows."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from automations.features.authoring import publish as publishing
from automations.features.authoring import shadow_mode
from automations.features.authoring.publish import NotPublishable
from automations.features.authoring.shadow_mode import ShadowIsOver, latest_shadow
from automations.features.examples import checking
from automations.features.rollout.shadow_deadline import GIVE_UP_AFTER
from automations.features.rollout.shadow_report import report_of
from automations.features.rollout.would_have import would_have
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.shadow import SHADOW, Shadow
from automations.pipeline.providers.store_files import files_of
from automations.web.automations import reviews
from automations.web.automations.reviews import ChangedMeanwhile
from automations.web.builder.submit import note_change, note_published
from automations.web.builder.tried_steps import tried_steps
from automations.web.kit.later import address_of_whole, past_is_long
from automations.web.kit.scope import automation_or_404, by_id_or_404
from automations.web.records.record_links import links_to

#: Where a request keeps the shadow modes that it asked for once.
SHADOWS = "automations.shadows"

bp = Blueprint("shadows", __name__, url_prefix="/automations/<int:automation_id>/shadow")


@bp.get("")
def show(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    shadow, words = latest_shadow(db.session(), automation), StoreWords(db.session(), g.store)
    if shadow and (later := address_of_whole(past_is_long())):
        return render_template("shadows/later.html", automation=automation, later=later)
    now = dt.datetime.now(dt.UTC)
    report = report_of(db.session(), g.store, words, shadow, now) if shadow else None
    latest = report.latest if report else ()
    links = links_to((one.occurrence.subject, one.occurrence.record_id) for one in latest)
    draft_differs = shadow is not None and shadow.version.definition != automation.draft
    breaking = checking.broken(db.session(), automation, shadow.version.definition) if shadow else ()
    context = {"automation": automation, "shadow": shadow, "report": report, "links": links}
    numbers = {"breaking": len(breaking), "next_number": publishing.next_number(db.session(), automation)}
    give_up = shadow.stopped_at + GIVE_UP_AFTER if shadow and shadow.stopped_at else None
    return render_template(
        "shadows/show.html", **context, **numbers, draft_differs=draft_differs, give_up=give_up
    )


@bp.get("/<int:evaluation_id>")
def would(automation_id: int, evaluation_id: int) -> str:
    automation, evaluation = automation_or_404(automation_id), by_id_or_404(Evaluation, evaluation_id)
    if evaluation.automation_id != automation.id or evaluation.outcome != SHADOW:
        abort(404)
    one = would_have(db.session(), g.store, StoreWords(db.session(), g.store), evaluation)
    steps = tried_steps(one.steps, files_of(db.session(), g.store.id))
    links = links_to([(one.occurrence.subject, one.occurrence.record_id)])
    context = {"automation": automation, "would": one, "steps": steps, "links": links}
    return render_template("shadows/would.html", **context)


@bp.post("")
def create(automation_id: int) -> Response | Answer:
    automation, days = automation_or_404(automation_id), days_sent()
    if days is None:
        return reviews.page(automation, 422, DAYS_WRONG)
    now = dt.datetime.now(dt.UTC)
    try:
        with write() as session:
            reviews.lock_reviewed(session, automation)
            shadow = shadow_mode.start(session, automation, g.user, days, now)
            after = {"days": days, "version": shadow.version.number}
            note_change("started shadow mode of", automation, now, after=after)
    except ChangedMeanwhile as changed:
        return reviews.page(automation, 409, str(changed))
    except NotPublishable as error:
        return reviews.page(automation, 422, str(error))
    return _back(automation, f"Version {after['version']} is in shadow mode. Nothing is sent meanwhile.")


@bp.post("/extension")
def extend(automation_id: int) -> Answer:
    automation, days = automation_or_404(automation_id), days_sent()
    if days is None:
        return _back(automation, DAYS_WRONG, "warning")
    try:
        with write() as session:
            now = dt.datetime.now(dt.UTC)
            shadow_mode.go_on(session, _undecided_or_404(automation), days, now)
            note_change("extended shadow mode of", automation, now, after={"days": days})
    except (ShadowIsOver, NotPublishable) as error:
        return _back(automation, str(error), "warning")
    return _back(automation, f"Shadow mode is extended by {in_days(days)}. Nothing is sent meanwhile.")


@bp.post("/publication")
def publish(automation_id: int) -> Answer:
    automation = automation_or_404(automation_id)
    try:
        with write() as session:
            now = dt.datetime.now(dt.UTC)
            reason = request.form.get("reason", "")
            version = shadow_mode.go_live(session, _undecided_or_404(automation), g.user, now, reason)
            note_published(version, automation, now)
    except (ShadowIsOver, NotPublishable) as error:
        return _back(automation, str(error), "warning")
    return _back(automation, f"Version {version.number} is published and live.")


@bp.post("/ending")
def end(automation_id: int) -> Answer:
    automation = automation_or_404(automation_id)
    try:
        with write() as session:
            now = dt.datetime.now(dt.UTC)
            shadow_mode.end(session, _undecided_or_404(automation), now)
            note_change("ended shadow mode of", automation, now)
    except ShadowIsOver as error:
        return _back(automation, str(error), "warning")
    return _back(automation, "Shadow mode is over. The draft stays as it is.")


DAYS_WRONG = f"Shadow mode takes {shadow_mode.FEWEST} to {shadow_mode.MOST} days."


def days_sent() -> int | None:
    """Return the number of days that the form asks for; None if it is none that shadow mode may take."""
    text = request.form.get("days", str(shadow_mode.DAYS)).strip()
    days = int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 0
    return days if shadow_mode.FEWEST <= days <= shadow_mode.MOST else None


def in_days(days: int) -> str:
    """Return the number of days in words: "a day", "7 days"."""
    return "a day" if days == 1 else f"{days} days"


@bp.app_template_global()
def shadow_of(automation: Automation) -> Shadow | None:
    """Return the shadow mode of an automation that nobody decided about yet; one query for each request."""
    # Not in `g`: within another context of the same program it outlives the request and its session.
    asked = request.environ
    if SHADOWS not in asked:
        asked[SHADOWS] = shadow_mode.undecided(db.session(), g.store.id)
    found: Shadow | None = asked[SHADOWS].get(automation.id)
    return found


def _undecided_or_404(automation: Automation) -> Shadow:
    return latest_shadow(db.session(), automation) or abort(404)


def _back(automation: Automation, sentence: str, tone: str = "message") -> Answer:
    flash(sentence, tone)
    return redirect(url_for(".show", automation_id=automation.id), 303)
