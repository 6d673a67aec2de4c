"""The log on a record's page, and everything else that page shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import g, request

from automations.features.figures.outcomes import ERROR, HELD, SERIES
from automations.features.history import following, record_log
from automations.features.history.log_entries import LogPage
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.web.kit import paging
from automations.web.kit.fragments import wants_fragment
from automations.web.records import customer_messages, merged_into, shop_conflicts
from automations.web.records.kind_pages import Record, RecordPages, store_words
from automations.web.records.record_facts import facts_of, newest_of

#: The filters above the log: (value in the address, label).
FILTERS = (
    ("", "All"),
    *((one, label) for one, label in SERIES.items() if one not in (HELD, ERROR)),
    ("not_applicable", "Not applicable"),
)
#: The most entries that stay unfolded when the log is drawn again.
UNFOLDED = 10
#: The most automations a picker offers.
OFFERED = 500


def context(kind: RecordPages, record: Record) -> dict[str, Any]:
    """Return everything a record's page shows, for its templates."""
    outcome = request.args.get("outcome", "")
    outcome = outcome if outcome in dict(FILTERS) else ""
    page = record_log.log_for_record(
        db.session(),
        g.store,
        store_words(),
        kind.subject,
        record.id,
        before=paging.requested_key(),
        outcome=outcome or None,
    )
    unfolded = _unfolded(page)
    whole = [record_log.one_occurrence(db.session(), store_words(), one) for one in unfolded.values()]
    entries = tuple({entry.id: entry for entry in whole}.get(entry.id, entry) for entry in page.entries)
    lines = following.runs_of_entries(entries)
    return {
        "kind": kind,
        "record": record,
        "words": store_words(),
        "facts": facts_of(record, store_words()),
        "newest": newest_of(record) if isinstance(record, Customer) else [],
        **(_of_customer(record) if isinstance(record, Customer) else {}),
        "automations": automations(),
        "shop_conflicts": shop_conflicts.shown(kind.subject, record.id),
        "log": replace(page, entries=entries),
        "unfolded": unfolded.keys(),
        "follows": following.seconds_to_next_look(lines, dt.datetime.now(dt.UTC)),
        "outcome": outcome,
        "filters": FILTERS,
        "older": paging.older_url(page.next),
        "newer": paging.newest_url(),
        "log_url": paging.with_arguments,
    }


def _unfolded(page: LogPage) -> dict[int, Occurrence]:
    """Return those of the page's occurrences that its reader has unfolded whole, by id."""
    asked = request.headers.get("X-Whole", "").split()[:UNFOLDED]
    ids = {int(text) for text in asked if text.isascii() and text.isdigit() and len(text) < 19}
    wanted = ids & {entry.id for entry in page.entries}
    query = sa.select(Occurrence).where(Occurrence.id.in_(wanted))
    return {row.id: row for row in db.session.scalars(query)} if wanted else {}


def _of_customer(customer: Customer) -> dict[str, Any]:
    shown = merged_into.shown(customer)
    # The log is paged without the rest of the page.
    return shown if wants_fragment() else shown | customer_messages.context(customer)


def automations() -> list[Automation]:
    """Return the store's automations that are not archived, by name, for a picker."""
    offered = sa.and_(Automation.store_id == g.store.id, Automation.archived_at.is_(None))
    query = sa.select(Automation).where(offered).order_by(Automation.name)
    return list(db.session.scalars(query.limit(OFFERED)))
