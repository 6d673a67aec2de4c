"""Settings: who changed what and when, for admins, by person, words and days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import joinedload

from automations.models import team
from automations.models.base import db
from automations.models.people import Audit
from automations.web import filters
from automations.web.paging import page_of
from automations.web.scope import LARGEST_ID

LONGEST = 100
PROGRAM = "program"

bp = Blueprint("audit", __name__, url_prefix="/settings/audit")


@dataclass(frozen=True)
class Asked:
    """What the page is asked for; nothing of it is text the database reads as more than text."""

    who: str
    text: str
    since: str
    until: str

    @property
    def any(self) -> bool:
        return bool(self.who or self.text or self.since or self.until)


@bp.get("")
def index() -> str:
    asked = _asked()
    found = sa.select(Audit).where(Audit.store_id == g.store.id, *_clauses(asked))
    page = page_of(found.options(joinedload(Audit.user)), Audit.id)
    people = [one.user for one in team.members(db.session(), g.store.id)]
    return render_template("settings/audit.html", page=page, asked=asked, people=people)


def _asked() -> Asked:
    given = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("who", "q", "since", "until")}
    return Asked(given["who"], given["q"], given["since"], given["until"])


def _clauses(asked: Asked) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if asked.who == PROGRAM:
        found.append(Audit.user_id.is_(None))
    elif asked.who.isascii() and asked.who.isdigit():
        found.append(Audit.user_id == min(int(asked.who[:19]), LARGEST_ID))
    if asked.text:
        columns = (Audit.action, Audit.about)
        found.append(sa.or_(*(column.icontains(asked.text, autoescape=True) for column in columns)))
    since, until = _day(asked.since), _day(asked.until)
    if since:
        found.append(Audit.at >= _midnight(since))
    if until:
        found.append(Audit.at < _midnight(until + dt.timedelta(days=1)))
    return found


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), filters.zone())
