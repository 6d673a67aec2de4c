"""The filters of the activity page, read from the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import request

from automations.engine.fields.subjects import SUBJECTS
from automations.features.history.log_filter import OUTCOME_LABELS, LogFilter
from automations.web.kit import scope, template_filters


@dataclass(frozen=True)
class ActivityFilters:
    """The filters for the log, with the dates as typed. `problem` is a sentence about one it cannot read."""

    filter: LogFilter
    since: str
    until: str
    problem: str = ""

    @property
    def any(self) -> bool:
        return self.filter != LogFilter()

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of the address that mean the same, without those that cannot be read."""
        given = {
            "automation": str(self.filter.automation_id or ""),
            "outcome": self.filter.outcome,
            "subject": self.filter.subject,
            "number": self.filter.number,
            "from": self.since if self.filter.since else "",
            "to": self.until if self.filter.until else "",
        }
        return {name: value for name, value in given.items() if value}


def requested() -> ActivityFilters:
    """Return the filters of this request; a date it cannot read is left out and named in `problem`."""
    arguments = request.values
    since, until = arguments.get("from", "").strip(), arguments.get("to", "").strip()
    outcome, subject = arguments.get("outcome", ""), arguments.get("subject", "")
    first, last = _day(since), _day(until)
    unreadable = [text for text, day in ((since, first), (until, last)) if text and day is None]
    filter = LogFilter(
        automation_id=_id(arguments.get("automation", "")),
        number=arguments.get("number", "").strip()[:80],
        subject=subject if subject in SUBJECTS else "",
        outcome=outcome if outcome in OUTCOME_LABELS else "",
        since=_start(first),
        until=_start(last + dt.timedelta(days=1)) if last else None,
    )
    problem = f"“{unreadable[0][:40]}” is not a date; write it as 2026-11-24." if unreadable else ""
    return ActivityFilters(filter, since, until, problem)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    # Days at either end of the calendar overflow when a day is added or a time zone is applied.
    return day if 1900 < day.year < 9000 else None


def _start(day: dt.date | None) -> dt.datetime | None:
    """Return the instant the day begins in the store's zone, in UTC."""
    return dt.datetime.combine(day, dt.time(), template_filters.zone()).astimezone(dt.UTC) if day else None


def _id(text: str) -> int | None:
    is_id = text.isascii() and text.isdigit() and len(text) < 19
    return min(int(text), scope.LARGEST_ID) if is_id and int(text) else None
