"""Campaigns: one message to a segment, with who is left out shown before it goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from automations.models.base import db, write
from automations.models.segment import DRAFT, Campaign, Segment
from automations.pipeline import marketing, marketing_edits
from automations.pipeline.segment_edits import NotPossible
from automations.pipeline.segments import sizes
from automations.web.scope import LARGEST_ID, by_id_or_404

bp = Blueprint("campaigns", __name__, url_prefix="/campaigns")
SETTINGS = ("channel", "subject", "message")
SHOWN = 50


@bp.get("")
def index() -> str:
    mine = db.session.query(Campaign).filter_by(store_id=g.store.id).options(joinedload(Campaign.segment))
    rows = mine.order_by(Campaign.id.desc()).limit(SHOWN).all()
    return render_template("campaigns/index.html", rows=rows)


@bp.get("/new")
def new() -> str:
    return _form({"segment_id": request.args.get("segment_id", ""), "channel": "email", "once_in_days": "7"})


@bp.post("")
def create() -> ResponseReturnValue:
    given = request.form.to_dict()
    segment = by_id_or_404(Segment, _number(given.get("segment_id")) or 0)
    days, settings = given.get("once_in_days", "").strip(), {name: given.get(name, "") for name in SETTINGS}
    once = _number(days) if days else None
    try:
        with write() as session:
            made = marketing_edits.create(
                session,
                g.store,
                g.user,
                segment,
                given.get("name", ""),
                settings,
                -1 if days and once is None else once,
                dt.datetime.now(dt.UTC),
            )
    except NotPossible as error:
        return _form(given, {one.path.removeprefix("settings."): one.sentence for one in error.problems}), 422
    return redirect(url_for("campaigns.show", campaign_id=made.id), 303)


@bp.get("/<int:campaign_id>")
def show(campaign_id: int) -> str:
    campaign = by_id_or_404(Campaign, campaign_id)
    counts = campaign.counts
    if campaign.state == DRAFT:
        counts = marketing.preview(db.session(), campaign, dt.datetime.now(dt.UTC))
    total = sizes(db.session(), g.store.id).get(campaign.segment_id, 0)
    settings = campaign.version.definition["actions"][0]["settings"]
    words = {"counts": counts, "total": total, "settings": settings}
    return render_template("campaigns/show.html", campaign=campaign, **words)


@bp.post("/<int:campaign_id>/sending")
def send(campaign_id: int) -> ResponseReturnValue:
    campaign = by_id_or_404(Campaign, campaign_id)
    with write() as session:
        marketing_edits.start(session, campaign, g.user)
    flash("The campaign is on its way.")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


def _form(given: dict[str, str], problems: dict[str, Any] | None = None) -> str:
    rows = db.session.query(Segment).filter_by(store_id=g.store.id).order_by(Segment.name).all()
    return render_template("campaigns/form.html", segments=rows, given=given, problems=problems or {})


def _number(text: str | None) -> int | None:
    """The number a person wrote; None for anything else."""
    digits = (text or "").strip()
    plain = digits.isascii() and digits.isdigit() and len(digits) < 19
    return min(int(digits), LARGEST_ID) if plain else None
