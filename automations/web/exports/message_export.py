"""The messages of the mailbox as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response

from automations.models.tables.run import Message
from automations.web.exports.csv_response import csv_response, local, newest_first
from automations.web.inbox import mailbox_search
from automations.web.inbox.mailbox_search import CHANNELS, KEPT_HERE, STATES

bp = Blueprint("message_exports", __name__)

HEADINGS = ("At", "Channel", "Outcome", "To", "Name", "Subject", "Text")


@bp.get("/mailbox.csv")
def export() -> Response:
    """Return the messages that the mailbox shows with the same search and filters, newest first."""
    query = mailbox_search.matching(mailbox_search.requested())
    return csv_response("mailbox", HEADINGS, newest_first(query, Message.id, _rows_of), "the mailbox")


def _rows_of(message: Message) -> Iterator[Sequence[str]]:
    channel = CHANNELS.get(message.channel, message.channel)
    outcome = STATES["kept" if message.connector == KEPT_HERE else "sent"]
    yield local(message.at), channel, outcome, message.to, message.to_name, message.subject, message.body
