"""Campaigns: one message to a segment. Before sending, the page shows who is left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from automations.features.audience import campaign_edits, campaign_results, campaign_sending
from automations.features.audience.segment_edits import SegmentEditRefused
from automations.features.trial.empty_lately import empty_lately
from automations.models.db.base import db, write
from automations.models.tables.segment import DRAFT, Campaign, Segment
from automations.pipeline.evaluation.segment_membership import size_of
from automations.web.audience.first_message import first_message, sample_message, sent_message
from automations.web.kit.later import address_of_whole
from automations.web.kit.paging import page_of
from automations.web.kit.scope import LARGEST_ID, by_id_or_404
from automations.web.records.kind_pages import store_words

bp = Blueprint("campaigns", __name__, url_prefix="/campaigns")
SETTINGS = ("channel", "subject", "message")


@bp.get("")
def index() -> str:
    return render_template("campaigns/index.html", listing=page_of(of_store(), Campaign.id))


def of_store() -> sa.Select[Campaign]:
    """Return the store's campaigns, each with its segment."""
    return sa.select(Campaign).where(Campaign.store_id == g.store.id).options(joinedload(Campaign.segment))


@bp.get("/new")
def new() -> str:
    return _form({"segment_id": request.args.get("segment_id", ""), "channel": "email", "once_in_days": "7"})


@bp.post("")
def create() -> ResponseReturnValue:
    typed = request.form.to_dict()
    segment = by_id_or_404(Segment, _number(typed.get("segment_id")) or 0)
    days, settings = typed.get("once_in_days", "").strip(), {name: typed.get(name, "") for name in SETTINGS}
    once = _number(days) if days else None
    try:
        with write() as session:
            campaign = campaign_edits.create(
                session,
                g.store,
                g.user,
                segment,
                typed.get("name", ""),
                settings,
                -1 if days and once is None else once,
                dt.datetime.now(dt.UTC),
            )
    except SegmentEditRefused as error:
        problems = {problem.path.removeprefix("settings."): problem.sentence for problem in error.problems}
        return _form(typed, problems), 422
    return redirect(url_for("campaigns.show", campaign_id=campaign.id), 303)


@bp.get("/<int:campaign_id>")
def show(campaign_id: int) -> str:
    campaign = by_id_or_404(Campaign, campaign_id)
    total = size_of(db.session(), campaign.segment_id)
    if later := address_of_whole(campaign.state == DRAFT and total > campaign_sending.CHUNK):
        return render_template("campaigns/later.html", campaign=campaign, total=total, later=later)
    counts, now = campaign.counts, dt.datetime.now(dt.UTC)
    if campaign.state == DRAFT:
        counts = campaign_sending.preview(db.session(), campaign, now)
    definition = campaign.version.definition
    settings = definition["actions"][0]["settings"]
    context: dict[str, Any] = {"counts": counts, "total": total, "settings": settings}
    if campaign.state == DRAFT:
        context |= first_message(campaign, now)
        rule = definition | {"conditions": campaign.segment.conditions}
        context["empty"] = empty_lately(db.session(), g.store, store_words(), rule, ())
    else:
        context |= sent_message(campaign) or sample_message(campaign, now)
        context["results"] = campaign_results.results(db.session(), campaign)
    return render_template("campaigns/show.html", campaign=campaign, **context)


@bp.post("/<int:campaign_id>/sending")
def send(campaign_id: int) -> ResponseReturnValue:
    campaign = by_id_or_404(Campaign, campaign_id)
    with write() as session:
        campaign_edits.start(session, campaign, g.user)
    flash("The campaign is on its way. What became of it is counted here.")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


def _form(typed: dict[str, str], problems: dict[str, Any] | None = None) -> str:
    rows = db.session.query(Segment).filter_by(store_id=g.store.id).order_by(Segment.name).all()
    return render_template("campaigns/form.html", segments=rows, given=typed, problems=problems or {})


def _number(text: str | None) -> int | None:
    """Return the whole number a person typed, or None for anything else."""
    digits = (text or "").strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 19
    return min(int(digits), LARGEST_ID) if is_number else None
