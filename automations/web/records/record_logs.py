"""The log on a record's page, and everything else that page shows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import g, request

from automations.features.history import record_log
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.web.kit import paging
from automations.web.kit.fragments import wants_fragment
from automations.web.records import customer_messages, merged_into, shop_conflicts
from automations.web.records.kind_pages import Record, RecordPages, store_words
from automations.web.records.record_facts import facts_of, newest_of

#: The filters above the log: (value in the address, label).
FILTERS = (("", "All"), ("fired", "Fired"), ("not_applicable", "Not applicable"), ("failing", "Failing"))
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
    return {
        "kind": kind,
        "record": record,
        "words": store_words(),
        "facts": facts_of(record, store_words()),
        "newest": newest_of(record) if isinstance(record, Customer) else [],
        **(_of_customer(record) if isinstance(record, Customer) else {}),
        "automations": automations(),
        "shop_conflicts": shop_conflicts.shown(kind.subject, record.id),
        "log": page,
        "outcome": outcome,
        "filters": FILTERS,
        "older": paging.older_url(page.next),
        "newer": paging.newest_url(),
        "log_url": paging.with_arguments,
    }


def _of_customer(customer: Customer) -> dict[str, Any]:
    shown = merged_into.shown(customer)
    # The log is paged without the rest of the page.
    return shown if wants_fragment() else shown | customer_messages.context(customer)


def automations() -> list[Automation]:
    """Return the store's automations that are not archived, by name, for a picker."""
    offered = sa.and_(Automation.store_id == g.store.id, Automation.archived_at.is_(None))
    query = sa.select(Automation).where(offered).order_by(Automation.name)
    return list(db.session.scalars(query.limit(OFFERED)))
