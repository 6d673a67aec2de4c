"""Settings: the audit for admins, who changed what and when, filtered by person, text and days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import joinedload

from automations.models.access import memberships
from automations.models.db.base import db
from automations.models.db.text_search import contains
from automations.models.tables.people import Audit
from automations.web.kit import template_filters
from automations.web.kit.paging import Page, page_of_store, searched_page, with_arguments
from automations.web.kit.scope import LARGEST_ID
from automations.web.log import audit_names

LONGEST = 100
PROGRAM = "program"
#: One answer of a search for a text looks at so many entries; a link goes on below them.
LOOKED_AT = 20_000

bp = Blueprint("audit", __name__, url_prefix="/settings/audit")


@dataclass(frozen=True)
class AuditQuery:
    """The filters as typed. They reach the database only as bound parameters."""

    who: str
    text: str
    since: str
    until: str

    @property
    def any(self) -> bool:
        return bool(self.who or self.text or self.since or self.until)


@bp.get("")
def index() -> str:
    query = _query()
    page = _page(query)
    people = [member.user for member in memberships.members(db.session(), g.store.id)]
    csv_url = with_arguments(before=None).replace("/audit", "/audit.csv", 1)
    shown = {"page": page, "names": audit_names.names_in(page.rows)}
    return render_template("settings/audit.html", **shown, asked=query, people=people, csv_url=csv_url)


def _page(query: AuditQuery) -> Page:
    if not query.text:
        return page_of_store(_entries(query), Audit)
    return searched_page(_entries(query), _contains(query.text), Audit, LOOKED_AT)


def asked_for() -> sa.Select[Audit]:
    """Return the entries that the filters of the address leave, however old."""
    query = _query()
    entries = _entries(query).where(Audit.store_id == g.store.id)
    return entries.where(_contains(query.text)) if query.text else entries


def _entries(query: AuditQuery) -> sa.Select[Audit]:
    """Return the entries of the person and the days that are asked for, of whatever store."""
    return sa.select(Audit).where(*_clauses(query)).options(joinedload(Audit.user))


def _contains(text: str) -> sa.ColumnElement[bool]:
    # One look at each entry: it may be the only one in thousands.
    return contains(Audit.action + "\n" + Audit.about, text)


def _query() -> AuditQuery:
    typed = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("who", "q", "since", "until")}
    return AuditQuery(typed["who"], typed["q"], typed["since"], typed["until"])


def _clauses(query: AuditQuery) -> list[sa.ColumnElement[bool]]:
    clauses: list[sa.ColumnElement[bool]] = []
    if query.who == PROGRAM:
        clauses.append(Audit.user_id.is_(None))
    elif query.who.isascii() and query.who.isdigit():
        clauses.append(Audit.user_id == min(int(query.who[:19]), LARGEST_ID))
    since, until = _day(query.since), _day(query.until)
    if since:
        clauses.append(Audit.at >= _midnight(since))
    if until:
        clauses.append(Audit.at < _midnight(until + dt.timedelta(days=1)))
    return clauses


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), template_filters.zone())
