"""One email of the builder's draft as its receiver would see it, with the record that is tried."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request

from automations.actions.shared.action_kind import LAYOUT, Prepared
from automations.models.db.base import db
from automations.pipeline.providers.store_files import files_of
from automations.web.builder import submit
from automations.web.builder.test_fires import NOTHING
from automations.web.builder.try_it import try_card
from automations.web.kit.email_view import EmailView, email_view
from automations.web.kit.scope import automation_or_new

bp = Blueprint("email_previews", __name__, url_prefix="/automations/<int:automation_id>/email-previews")


@bp.post("")
def create(automation_id: int) -> Response:
    automation = automation_or_new(automation_id)
    words = submit.words_of_store()
    sent = submit.sent_form(words)
    if sent.refusal:
        return submit.over_limit(automation, sent)
    trial = try_card(g.store, words, sent.data, sent.record)
    messages = dict(enumerate(trial.messages if trial else (), start=1))
    number = request.form.get("see", "1")
    message = messages.get(int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0)
    if message is None:
        return submit.page(automation, sent, told=NOTHING, went=False)
    shown: dict[str, Any] = {"view": _view(message), "words": message.body}
    shown |= {"to": _address(message.to_name, message.to), "subject": message.subject}
    shown |= {"sender": _address(message.sender_name, message.sender)}
    page = render_template("emails/preview.html", automation=automation, number=number, **shown)
    return make_response(page)


def _view(message: Prepared) -> EmailView | None:
    files = files_of(db.session(), g.store.id)
    return email_view(message.extra.get(LAYOUT), message.body, message.subject, files)


def _address(name: str, address: str) -> str:
    return f"{name} <{address}>" if name else address
