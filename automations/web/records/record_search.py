"""Find records of the signed-in person's store by a text."""

from __future__ import annotations

import sqlalchemy as sa
from flask import g

from automations.features.search import text_matches
from automations.features.search.text_matches import SoughtText
from automations.models.db.base import db
from automations.models.db.text_search import contains
from automations.models.tables.customer import Account, Customer
from automations.web.kit.found_page import newest_ids
from automations.web.records.kind_pages import RecordPages

LONGEST = text_matches.LONGEST


def matching(kind: RecordPages, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record matches, for reading every match; lists use `newest`."""
    return text_matches.every_match(g.store, kind.subject, text)


def sought(text: str) -> SoughtText:
    """Return what the text asks for in the signed-in person's store."""
    return SoughtText(db.session(), g.store, text)


def customers_like(text: str, limit: int = 20) -> list[Customer]:
    """Return customers whose number begins with `text` or whose words have it, the newest first."""
    matches = [Customer.store_id == g.store.id]
    if text.strip():
        matches.append(text_matches.newest(sought(text), "customer", None)[0])
    ids = newest_ids(Customer.id, matches, limit)
    query = sa.select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id.desc())
    return list(db.session.scalars(query)) if ids else []


def accounts_like(text: str, limit: int = 50) -> list[Account]:
    """Return accounts whose name contains `text`, by name."""
    query = sa.select(Account).where(Account.store_id == g.store.id, contains(Account.name, text.strip()))
    return list(db.session.scalars(query.order_by(Account.name).limit(limit)))
