"""Two rules over the same stretch of the past: whom the draft gains, loses and keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule
from automations.features.past.firings import Firing, would_have_fired
from automations.features.past.period import Period
from automations.models.tables.backtest import FATES, GAINED, LOST, SAME
from automations.models.tables.store import Store

#: Firings by fate, newest first.
Compared = Mapping[str, Sequence[Firing]]
#: Days that are read at once; the newest come first and are shown first.
STRIDE = 15


def compare(session: Session, store: Store, draft: Rule, live: Rule | None, period: Period) -> Compared:
    """Return the firings of the period by fate, newest first; without a live version all are gained.

    Raises BrokenRule.
    """
    ours = _keyed(draft, would_have_fired(session, store, draft, period))
    theirs = _keyed(live, would_have_fired(session, store, live, period)) if live else {}
    fates = {
        GAINED: [firing for key, firing in ours.items() if key not in theirs],
        LOST: [firing for key, firing in theirs.items() if key not in ours],
        SAME: [firing for key, firing in ours.items() if key in theirs],
    }
    return {fate: sorted(fates[fate], key=_moment, reverse=True) for fate in FATES}


def is_timed(rule: Rule) -> bool:
    """Return whether no change but the time sets the rule off."""
    kind = SUBJECTS[rule.subject].triggers.get(rule.trigger.key)
    return bool(kind and kind.schedule)


def strides(since: dt.datetime, until: dt.datetime, zone: ZoneInfo) -> Iterator[Period]:
    """Yield the stretches in which [since, until) is read, newest first; they end at local midnights."""
    end = until
    while end > since:
        day = end.astimezone(zone).date() - dt.timedelta(days=STRIDE)
        begin = max(since, dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC))
        yield Period(begin, end, None)
        end = begin


def _keyed(rule: Rule, firings: Sequence[Firing]) -> dict[Hashable, Firing]:
    """Return the firings by what makes them the same in two rules: what happened, or who was due and when."""
    if is_timed(rule):
        return {(firing.record_id, firing.at): firing for firing in firings}
    return {firing.occurrence_id: firing for firing in firings}


def _moment(firing: Firing) -> tuple[dt.datetime, int]:
    return firing.at, firing.occurrence_id
