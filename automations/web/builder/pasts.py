"""What the past says about a draft: a part of the builder that is fetched by a request of its own."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from automations.models.tables.automation import Automation
from automations.web.builder import submit
from automations.web.builder.page import builder
from automations.web.builder.past_card import PastCard, counted
from automations.web.kit.fragments import render_part_or_page, wants_fragment
from automations.web.kit.scope import automation_or_new

bp = Blueprint("automation_pasts", __name__, url_prefix="/automations/<int:automation_id>/past")

ANSWER, PAGE = "automations/_past_answer.html", "automations/show.html"


@bp.get("")
def show(automation_id: int) -> Response:
    """Count the draft as it is saved; without JavaScript, on the whole page of the builder."""
    automation = automation_or_new(automation_id)
    words, record = submit.words_of_store(), request.args.get("record", "").strip()
    if wants_fragment():
        return _answer(automation, counted(g.store, automation, automation.draft, words, record))
    view = builder(g.store, automation, automation.draft, words=words, record=record)
    return render_part_or_page(ANSWER, PAGE, builder=view)


@bp.post("")
def create(automation_id: int) -> Response:
    """Count the draft as it is typed."""
    automation = automation_or_new(automation_id)
    words = submit.words_of_store()
    sent = submit.sent_form(words)
    if sent.refusal or not wants_fragment():
        return submit.page(automation, sent)
    return _answer(automation, counted(g.store, automation, sent.data, words, sent.record))


def _answer(automation: Automation, card: PastCard) -> Response:
    return render_part_or_page(ANSWER, ANSWER, automation=automation, past=card)
