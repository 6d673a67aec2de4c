"""The messages of the mailbox that meet its search and filters, a page at a time, by day."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, request

from automations.connectors.mailbox_connector import MAILBOX
from automations.models.db.base import db
from automations.models.db.newest_first import of_store
from automations.models.db.text_search import contains
from automations.models.tables.run import Message
from automations.web.kit import paging, template_filters

#: The key of the connector that only keeps messages.
KEPT_HERE = MAILBOX
CHANNELS = {"email": "Email", "sms": "SMS"}
STATES = {"sent": "Sent", "kept": "Kept here"}
#: One answer of a search looks at so many messages; a link goes on below them.
LOOKED_AT = 5_000
BEGINNING = 200
LONGEST = 100

#: The columns a line shows; a body may be long.
_COLUMNS = (
    *(Message.id, Message.channel, Message.connector, Message.to, Message.to_name, Message.subject),
    *(Message.at, sa.func.substr(Message.body, 1, BEGINNING).label("beginning")),
)


@dataclass(frozen=True)
class MailboxFilters:
    """What the address asks for; "" leaves it out."""

    text: str
    channel: str
    state: str

    @property
    def any(self) -> bool:
        return bool(self.text or self.channel or self.state)


@dataclass(frozen=True)
class MailboxPage:
    """Messages newest first; `looked_to` is the time the search ended at, with more before it."""

    rows: Sequence[Any]
    older: str
    newer: str
    looked_to: dt.datetime | None = None

    @property
    def days(self) -> list[tuple[dt.date, list[Any]]]:
        """The messages by their day in the store's zone, in the order they came."""
        zone = template_filters.zone()
        groups = itertools.groupby(self.rows, lambda row: row.at.astimezone(zone).date())
        return [(day, list(rows)) for day, rows in groups]


def requested() -> MailboxFilters:
    """Return the filters of this request; what is no choice is left out."""
    arguments = request.args
    channel, state = arguments.get("channel", ""), arguments.get("state", "")
    return MailboxFilters(
        arguments.get("q", "").strip()[:LONGEST],
        channel if channel in CHANNELS else "",
        state if state in STATES else "",
    )


def page_of(asked: MailboxFilters) -> MailboxPage:
    """Return the page the address asks for of this store's messages."""
    query, newer = sa.select(*_COLUMNS), paging.newest_url()
    end = paging.end_of_search(query, Message, LOOKED_AT) if asked.any else None
    query = query.where(*_conditions(asked))
    found = of_store(query, Message, g.store.id, paging.requested_key(), end.id if end else 0)
    rows = db.session.execute(found.limit(paging.LENGTH + 1)).all()
    if len(rows) > paging.LENGTH:
        shown = rows[: paging.LENGTH]
        return MailboxPage(shown, paging.older_url(shown[-1].id), newer)
    if end is not None:
        return MailboxPage(rows, paging.older_url(end.id), newer, end.at)
    return MailboxPage(rows, "", newer)


def matching(asked: MailboxFilters) -> sa.Select[Message]:
    """Return all messages of this store that meet the filters, however long ago they were sent."""
    return sa.select(Message).where(Message.store_id == g.store.id, *_conditions(asked))


def _conditions(asked: MailboxFilters) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if asked.text:
        places = (Message.subject, Message.to, Message.to_name, Message.body)
        conditions.append(sa.or_(*(contains(place, asked.text) for place in places)))
    if asked.channel:
        conditions.append(Message.channel == asked.channel)
    if asked.state:
        kept = Message.connector == KEPT_HERE
        conditions.append(kept if asked.state == "kept" else sa.not_(kept))
    return conditions
