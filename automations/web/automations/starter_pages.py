"""The gallery of starters, and one of them looked at before it is used."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, g, render_template, request

from automations.features.authoring import drafts
from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.web.automations.starter_view import starter_cards, would_have
from automations.web.builder.try_it import sample_record, try_card
from automations.web.kit.fragments import wants_fragment

bp = Blueprint("starters", __name__, url_prefix="/automations/new")


@bp.get("")
def index() -> str:
    """Show the gallery. The counts come with a request of their own, so that the page is there at once."""
    text, counted = request.args.get("q", "").strip()[:100], "counted" in request.args
    cards = starter_cards(g.store, text, counted)
    if counted and wants_fragment():
        return render_template("automations/_would_haves.html", cards=cards)
    return render_template("automations/new.html", cards=cards, text=text, counted=counted)


@bp.get("/<key>")
def show(key: str) -> str:
    starter = STARTERS.get(key) or abort(404)
    words, now = StoreWords(db.session(), g.store), dt.datetime.now(dt.UTC)
    return render_template(
        "automations/starter.html",
        starter=starter,
        sentence=drafts.in_words(words, starter.data),
        would_have=would_have(g.store, words, starter, now),
        trial=try_card(g.store, words, starter.data, sample_record(g.store, words, starter.data)),
    )
