"""The messages that were sent, and those the built-in mailbox kept."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, g, render_template
from sqlalchemy.orm import joinedload

from automations.actions.shared import attachments, message_languages
from automations.actions.shared.outgoing_email import also_named
from automations.connectors.file_types import size_words
from automations.features.history.log_phrases import record_words
from automations.models.access import memberships
from automations.models.db.base import db
from automations.models.settings import email_server
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import SignInLink
from automations.models.tables.run import Message, Run
from automations.pipeline.providers.store_files import files_of
from automations.web.inbox import mailbox_search
from automations.web.inbox.mailbox_search import CHANNELS, KEPT_HERE, STATES
from automations.web.kit import paging, scope
from automations.web.kit.email_view import email_view
from automations.web.kit.file_download import download
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.permissions import can
from automations.web.kit.secret_box import secret_box
from automations.web.records.kind_pages import url_of

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@bp.get("")
def index() -> Response:
    asked = mailbox_search.requested()
    context: dict[str, Any] = {"asked": asked, "listing": mailbox_search.page_of(asked)}
    context |= {"channels": CHANNELS, "states": STATES, "kept_here": KEPT_HERE}
    context["csv_url"] = paging.csv_url()
    context["server"] = email_server.is_set_up(db.session(), g.store.id)
    return render_part_or_page("mailbox/_list.html", "mailbox/index.html", **context)


@bp.get("/<int:message_id>")
def show(message_id: int) -> str:
    message = scope.message_or_404(message_id)
    evaluation = _evaluation(message)
    record = None
    if evaluation:
        subject, snapshot = evaluation.occurrence.subject, evaluation.occurrence.snapshot
        url = url_of(subject, evaluation.occurrence.record_id, snapshot.get("number", ""))
        record = (record_words(subject, snapshot), url)
    context: dict[str, Any] = {"message": message, "evaluation": evaluation, "record": record}
    context |= {"kept_here": KEPT_HERE, "language": message_languages.written_in(message.layout)}
    context |= {"letter": _letter(message), "also": also_named(message.layout or {})}
    files = files_of(db.session(), g.store.id)
    context |= {"attached": attachments.entries(message.layout), "size_words": size_words}
    context["lost_words"] = attachments.lost_words
    context |= {"view": email_view(message.layout, message.body, message.subject, files)}
    return render_template("mailbox/show.html", **context)


@bp.get("/<int:message_id>/attachments/<int:place>")
def attachment(message_id: int, place: int) -> Response:
    message = scope.message_or_404(message_id)
    entry = dict(enumerate(attachments.entries(message.layout))).get(place) or abort(404)
    file = attachments.content_of(entry, files_of(db.session(), g.store.id))
    return download(file) if file else abort(404)


def _evaluation(message: Message) -> Evaluation | None:
    """Return the evaluation whose run sent this message, or None if no run did, as with test messages."""
    if message.run_id is None:
        return None
    whole = (joinedload(Evaluation.occurrence), joinedload(Evaluation.version))
    query = (
        sa.select(Evaluation).join(Run, Run.evaluation_id == Evaluation.id).where(Run.id == message.run_id)
    )
    return db.session.scalars(query.options(*whole)).one()


def _letter(message: Message) -> dict[str, str] | None:
    """Return the kind and link of a letter with a password link; None for any other message.

    The link is "" for people who may not pass it on.
    """
    link = db.session.scalar(sa.select(SignInLink).where(SignInLink.message_id == message.id))
    if link is None:
        return None
    passes_on = can("admin") and memberships.may_reset_password(db.session(), g.user.id, link.user_id or 0)
    return {"kind": link.kind, "link": secret_box().decrypt(link.sealed) if link.sealed and passes_on else ""}
