"""The filters of the activity page, as the address gives them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import request

from automations.engine.subjects import SUBJECTS
from automations.pipeline.why_filter import OUTCOME_LABELS, Filter
from automations.web import filters, scope


@dataclass(frozen=True)
class Asked:
    """What was asked for as it was typed, and as the log reads it."""

    filter: Filter
    since: str
    until: str
    problem: str = ""

    @property
    def any(self) -> bool:
        return self.filter != Filter()


def asked() -> Asked:
    """The filters of this request; one that cannot be read is left out, with a sentence."""
    given = request.args
    since, until = given.get("from", "").strip(), given.get("to", "").strip()
    outcome, subject = given.get("outcome", ""), given.get("subject", "")
    first, last = _day(since), _day(until)
    unreadable = [text for text, day in ((since, first), (until, last)) if text and day is None]
    found = Filter(
        automation_id=_id(given.get("automation", "")),
        number=given.get("number", "").strip()[:80],
        subject=subject if subject in SUBJECTS else "",
        outcome=outcome if outcome in OUTCOME_LABELS else "",
        since=_start(first),
        until=_start(last + dt.timedelta(days=1)) if last else None,
    )
    problem = f"“{unreadable[0][:40]}” is not a day; write it as 2026-11-24." if unreadable else ""
    return Asked(found, since, until, problem)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    # A day at either end of the calendar has no neighbour and no zone.
    return day if 1900 < day.year < 9000 else None


def _start(day: dt.date | None) -> dt.datetime | None:
    """The instant the day begins in the store."""
    return dt.datetime.combine(day, dt.time(), filters.zone()).astimezone(dt.UTC) if day else None


def _id(text: str) -> int | None:
    is_id = text.isascii() and text.isdigit() and len(text) < 19
    return min(int(text), scope.LARGEST_ID) if is_id and int(text) else None
