"""Find records of the signed-in person's store by a text."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import g

from automations.features.search import text_matches
from automations.models.db.base import db
from automations.models.db.text_search import contains
from automations.models.tables.customer import Account, Customer
from automations.web.kit.found_page import newest_ids
from automations.web.records.kind_pages import RecordPages

LONGEST = text_matches.LONGEST


def matching(kind: RecordPages, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record matches, for reading every match; lists use `newest_matching`."""
    return text_matches.every_match(g.store, kind.subject, text)


def newest_matching(
    kind: RecordPages,
    text: str,
    before: int | None,
    of_people: Sequence[int] | None = None,
    most: int | None = None,
) -> tuple[sa.ColumnElement[bool], int | None]:
    """Return the condition for the newest matches below the id `before`, by indexes only.

    With it comes the id below which there may be more matches; None if these are all. `of_people` is what
    `people_like` answered for the text, where it is known already; `most` is how many are
    needed.
    """
    return text_matches.newest(db.session(), g.store, kind.subject, text, before, of_people, most)


def people_like(text: str) -> Sequence[int]:
    """Return the ids of the customers whose orders and events the text finds."""
    return text_matches.people(db.session(), g.store, text)


def customers_like(text: str, limit: int = 20) -> list[Customer]:
    """Return customers whose number begins with `text` or whose words have it, the newest first."""
    matches = [Customer.store_id == g.store.id]
    if text.strip():
        matches.append(text_matches.newest(db.session(), g.store, "customer", text, None)[0])
    ids = newest_ids(Customer.id, matches, limit)
    query = sa.select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id.desc())
    return list(db.session.scalars(query)) if ids else []


def accounts_like(text: str, limit: int = 50) -> list[Account]:
    """Return accounts whose name contains `text`, by name."""
    query = sa.select(Account).where(Account.store_id == g.store.id, contains(Account.name, text.strip()))
    return list(db.session.scalars(query.order_by(Account.name).limit(limit)))
