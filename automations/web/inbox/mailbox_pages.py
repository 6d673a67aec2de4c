"""The messages that were sent, and those the built-in mailbox kept."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, render_template
from sqlalchemy.orm import defer, joinedload

from automations.features.history.log_phrases import record_words
from automations.models.access import memberships
from automations.models.db.base import db
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import SignInLink
from automations.models.tables.run import Message, Run
from automations.models.tables.store import Connection
from automations.web.kit import scope
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.paging import page_of
from automations.web.kit.permissions import can
from automations.web.kit.secret_box import secret_box
from automations.web.records.kind_pages import url_of

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")

KEPT_HERE = "mailbox"


@bp.get("")
def index() -> Response:
    messages = sa.select(Message).where(Message.store_id == g.store.id).options(defer(Message.body))
    page = page_of(messages, Message.id)
    context: dict[str, Any] = {"listing": page, "server": _has_server(), "kept_here": KEPT_HERE}
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
    context |= {"kept_here": KEPT_HERE}
    context |= {"letter": _letter(message)}
    return render_template("mailbox/show.html", **context)


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


def _has_server() -> bool:
    query = sa.select(Connection).where(Connection.store_id == g.store.id, Connection.kind == "smtp")
    connection = db.session.scalar(query)
    return connection is not None and bool(connection.settings.get("host"))
