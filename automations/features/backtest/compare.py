"""Two rules over the same stretch of the past: whom the draft gains, loses and keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.engine.rules.rule import Rule
from automations.features.past.firings import Firing, PastFirings, is_timed, past_firings
from automations.features.past.period import Period
from automations.models.tables.backtest import FATES, GAINED, LOST, SAME
from automations.models.tables.store import Store

#: Days that are read at once; the newest come first and are shown first.
STRIDE = 15


@dataclass(frozen=True, slots=True)
class Comparison:
    """The firings of a period by fate, newest first, and what is not known of it."""

    fates: Mapping[str, Sequence[Firing]]
    #: For time triggers: since when all is known, if not of the whole period, and of how many records not.
    known_from: dt.datetime | None = None
    unknown: int = 0


def compare(session: Session, store: Store, draft: Rule, live: Rule | None, period: Period) -> Comparison:
    """Return the firings of the period by fate; without a live version all are gained.

    Raises BrokenRule.
    """
    of_draft = past_firings(session, store, draft, period)
    of_live = past_firings(session, store, live, period) if live else PastFirings([])
    ours, theirs = _keyed(draft, of_draft), _keyed(live or draft, of_live)
    fates = {
        GAINED: [firing for key, firing in ours.items() if key not in theirs],
        LOST: [firing for key, firing in theirs.items() if key not in ours],
        SAME: [firing for key, firing in ours.items() if key in theirs],
    }
    in_order = {fate: sorted(fates[fate], key=_moment, reverse=True) for fate in FATES}
    known = [past.known_from for past in (of_draft, of_live) if past.known_from]
    return Comparison(in_order, max(known, default=None), max(of_draft.unknown, of_live.unknown))


def strides(since: dt.datetime, until: dt.datetime, zone: ZoneInfo, days: int = STRIDE) -> Iterator[Period]:
    """Yield the stretches in which [since, until) is read, newest first; they end at local midnights."""
    end = until
    while end > since:
        day = end.astimezone(zone).date() - dt.timedelta(days=days)
        begin = max(since, dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC))
        yield Period(begin, end, None)
        end = begin


def days_at_once(since: dt.datetime, until: dt.datetime, *rules: Rule | None) -> int:
    """Return how many days are read at once: a time trigger needs all the log of a record each time."""
    timed = any(rule and is_timed(rule) for rule in rules)
    return max(STRIDE, (until - since).days // 4 + 1) if timed else STRIDE


def _keyed(rule: Rule, past: PastFirings) -> dict[Hashable, Firing]:
    """Return the firings by what makes them the same in two rules: what happened, or who was due and when."""
    if is_timed(rule):
        return {(firing.record_id, firing.at): firing for firing in past.firings}
    return {firing.occurrence_id: firing for firing in past.firings}


def _moment(firing: Firing) -> tuple[dt.datetime, int]:
    return firing.at, firing.occurrence_id
