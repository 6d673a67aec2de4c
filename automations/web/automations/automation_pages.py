"""Automations: the list, the starters for new ones, and the builder."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, abort, g, render_template, request
from werkzeug.wrappers import Response as Answer

from automations.features.authoring import automation_listing, drafts
from automations.features.authoring.unique_name import free_name
from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db
from automations.web.automations import automation_list
from automations.web.automations.spark_bars import spark
from automations.web.automations.starter_view import starter_cards
from automations.web.builder import submit
from automations.web.builder.page import builder
from automations.web.kit.scope import NEW, automation_or_404, automation_or_new

bp = Blueprint("automations", __name__, url_prefix="/automations")

#: Stands for the starter that has nothing in it.
SCRATCH = "scratch"


@bp.get("")
def index() -> str:
    text, subject, group = asked_for()
    ids = automation_listing.matching_ids(db.session(), g.store, text, subject, group)
    page = automation_list.page_of(ids, request.args.get("after", ""))
    rows = automation_listing.rows_of(db.session(), g.store, page.ids, dt.datetime.now(dt.UTC))
    shown = bool(rows or text or subject or group)
    cards = [] if shown else starter_cards(g.store, "", counted=False)
    context = {"rows": rows, "page": page, "text": text, "subject": subject, "group": group}
    return render_template("automations/index.html", cards=cards, spark=spark, **context)


def asked_for() -> tuple[str, str, str]:
    """Return the words, the kind of record and the group that the address asks for; "" for any."""
    text, subject, group = (request.args.get(name, "") for name in ("q", "subject", "group"))
    return text.strip(), subject, group


@bp.get("/new/<key>/draft")
def new(key: str) -> str:
    """Show a starter, or nothing at all, in the builder; it becomes an automation once it is saved."""
    starter = STARTERS.get(key) or (None if key == SCRATCH else abort(404))
    automation, wanted = automation_or_new(NEW), starter.name if starter else submit.UNNAMED
    automation.name = free_name(db.session(), g.store, wanted)
    data = starter.data if starter else drafts.blank()
    view = builder(g.store, automation, data, words=submit.words_of_store())
    return render_template("automations/show.html", builder=view)


@bp.get("/<int:automation_id>")
def show(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    words, record = submit.words_of_store(), request.args.get("record", "").strip()
    view = builder(g.store, automation, automation.draft, words=words, record=record)
    return render_template("automations/show.html", builder=view)


@bp.post("/<int:automation_id>")
def update(automation_id: int) -> Response | Answer:
    automation = automation_or_new(automation_id)
    saved = submit.save(automation, submit.sent_form(submit.words_of_store()))
    if isinstance(saved, Response):
        return saved
    live = saved.automation.active_version
    live_note = f" Version {live.number} stays live until you publish." if live else ""
    return submit.back_to_builder(saved.automation, f"Saved.{live_note}", saved.step_id)
