"""Orders, events, customers and accounts, found as their lists find them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from flask import g, url_for
from sqlalchemy.orm import joinedload

from automations.features.search import text_matches
from automations.features.search.text_matches import SoughtText
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.web.kit.permissions import may
from automations.web.kit.template_filters import money
from automations.web.palette.hits import Hit, HitGroup
from automations.web.records import record_search
from automations.web.records.kind_pages import KINDS, Record, RecordPages

ICONS = {"orders": "list", "events": "calendar", "customers": "user"}


#: By the plural of their kind, the records that have exactly a number.
Numbered = Mapping[str, Sequence[Record]]


def numbered(text: str) -> Numbered:
    """Return the records that have exactly this number."""
    return {kind.plural: _numbered(kind, text) if text else () for kind in KINDS.values()}


def urls(records: Numbered) -> list[str]:
    """Return the addresses of these records."""
    return [kind.url(record) for kind in KINDS.values() for record in records[kind.plural]]


def groups(text: str, exact: Numbered, most: int) -> Iterator[HitGroup]:
    """Yield at most `most` records of each kind; those with exactly this number come first."""
    sought = record_search.sought(text)
    for kind in KINDS.values():
        if may(f"{kind.plural}.index"):
            found, are_all = _matches(kind, sought, most + 1, exact[kind.plural])
            more = "" if are_all and len(found) <= most else url_for(f"{kind.plural}.index", q=text)
            yield HitGroup(kind.title, [_hit(kind, record) for record in found[:most]], more)
    accounts = record_search.accounts_like(text, most + 1) if may("accounts.index") else []
    if accounts:
        more = url_for("accounts.index", q=text) if len(accounts) > most else ""
        hits = [Hit(one.name, url_for("accounts.show", account_id=one.id), "users") for one in accounts]
        yield HitGroup("Accounts", hits[:most], more)


def _matches(
    kind: RecordPages, sought: SoughtText, most: int, exact: Sequence[Record]
) -> tuple[list[Record], bool]:
    """Return the newest matches, `most` at most, and whether there can be no older ones."""
    found, down_to = text_matches.newest(sought, kind.subject, None, most)
    # Each hit names the customer.
    whose = [] if kind.model is Customer else [joinedload(kind.model.customer)]
    newest = sa.select(kind.model).where(kind.model.store_id == g.store.id, found).options(*whose)
    others = db.session.scalars(newest.order_by(kind.model.id.desc()).limit(most))
    return list(dict.fromkeys([*exact, *others]))[:most], down_to is None


def _numbered(kind: RecordPages, text: str) -> Sequence[Record]:
    number = sa.select(kind.model).where(kind.model.store_id == g.store.id, kind.model.number == text)
    return db.session.scalars(number).all()


def _hit(kind: RecordPages, record: Record) -> Hit:
    if isinstance(record, Customer):
        about = " · ".join(filter(None, (record.number, record.email)))
        return Hit(kind.name(record), kind.url(record), ICONS[kind.plural], about)
    name = record.name if isinstance(record, Event) else ""
    about = " · ".join(filter(None, (name, record.customer.name if record.customer else "")))
    amount = money(record.total, record.currency)
    return Hit(kind.name(record), kind.url(record), ICONS[kind.plural], about, amount)
