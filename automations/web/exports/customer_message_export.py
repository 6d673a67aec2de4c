"""The messages of a customer as a CSV file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import cast

from flask import Blueprint, Response

from automations.features.history import customer_timeline
from automations.features.history.customer_ahead import PlannedMessage
from automations.features.history.customer_timeline import TimelineEntry
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.web.exports.csv_response import AT_ONCE, csv_response, local
from automations.web.records import customer_messages
from automations.web.records.kind_pages import KINDS, record_or_404, store_words

bp = Blueprint("customer_message_exports", __name__)

HEADINGS = ("At", "Outcome", "Message", "To", "What it says", "Why", "About", "By the automation")
PLANNED = "Planned"


@bp.get("/customers/<number>/messages.csv")
def export(number: str) -> Response:
    """Return what is coming, soonest first, then what is over or under way, newest first.

    An erased customer has none, as on the page.
    """
    customer = cast(Customer, record_or_404(KINDS["customers"], number))
    about = f"the messages of {customer.number}"
    return csv_response("messages", HEADINGS, _rows(customer), about)


def _rows(customer: Customer) -> Iterator[Sequence[str]]:
    ids, now = customer_messages.shown_ids(customer), dt.datetime.now(dt.UTC)
    if not ids:
        return
    for coming in customer_messages.coming(customer, ids, now):
        yield _planned(coming) if isinstance(coming, PlannedMessage) else _entry(coming)
    below, words = None, store_words()
    while True:
        page = customer_timeline.timeline(db.session(), words, ids, now, below, AT_ONCE)
        yield from map(_entry, page.entries)
        if page.next is None:
            return
        below = page.next
        # The session keeps what it read, snapshots too.
        db.session.expunge_all()


def _planned(message: PlannedMessage) -> Sequence[str]:
    what = message.action[:1].upper() + message.action[1:]
    return local(message.at), PLANNED, what, "", "", "", message.record, message.automation


def _entry(entry: TimelineEntry) -> Sequence[str]:
    line = entry.line
    label, says = (line.label, "; ".join(sent.words for sent in line.letters)) if line else ("", "")
    what = (entry.badge.word, label, ", ".join(entry.to), says, entry.reason)
    return local(entry.at), *what, entry.record, entry.automation
