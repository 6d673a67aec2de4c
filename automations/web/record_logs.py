"""What a record's page shows of its log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import g, request

from automations.models.automation import Automation
from automations.models.base import db
from automations.pipeline import why
from automations.web import paging
from automations.web.record_facts import facts_of, newest_of
from automations.web.record_kinds import Kind, Record, words

#: The filter above the log: its value in the address, and its words.
FILTERS = (("", "All"), ("fired", "Fired"), ("not_applicable", "Not applicable"), ("failing", "Failing"))
#: So many automations are offered in a picker.
OFFERED = 500


def context(kind: Kind, record: Record) -> dict[str, Any]:
    """Everything the page of a record draws."""
    outcome = request.args.get("outcome", "")
    outcome = outcome if outcome in dict(FILTERS) else ""
    page = why.log_for_record(
        db.session(),
        g.store,
        words(),
        kind.subject,
        record.id,
        before=paging.key_asked_for(),
        outcome=outcome or None,
    )
    return {
        "kind": kind,
        "record": record,
        "words": words(),
        "facts": facts_of(record, words()),
        "newest": newest_of(record) if kind.subject == "customer" else [],
        "automations": automations(),
        "log": page,
        "outcome": outcome,
        "filters": FILTERS,
        "older": paging.older_url(page.next),
        "newer": paging.newest_url(),
        "log_url": paging.with_arguments,
    }


def automations() -> list[Any]:
    """(id, name, subject of the draft) of the store's automations, to choose one of them."""
    mine = sa.and_(Automation.store_id == g.store.id, Automation.archived_at.is_(None))
    query = sa.select(Automation).where(mine).order_by(Automation.name)
    return list(db.session.scalars(query.limit(OFFERED)))
