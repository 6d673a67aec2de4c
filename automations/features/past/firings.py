"""When a rule would have fired in the recorded past, whatever sets it off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.past.asking import matches
from automations.features.past.matches import Matches, moment_of
from automations.features.past.period import Period
from automations.features.past.time_moments import NotTimed, TimedPast
from automations.models.tables.store import Store


@dataclass(frozen=True, slots=True)
class Firing:
    """One moment at which a rule would have fired for one record."""

    at: dt.datetime
    record_id: int
    #: The occurrence with the snapshot of that moment: for a time trigger, the record's newest one by then.
    occurrence_id: int


@dataclass(frozen=True, slots=True)
class PastFirings:
    """The firings of a period, oldest first, and what is not known of it."""

    firings: list[Firing]
    #: For a time trigger, since when all of them are known; None if that is the whole period.
    known_from: dt.datetime | None = None
    #: The number of records of which something is not known in the period.
    unknown: int = 0


def is_timed(rule: Rule) -> bool:
    """Return whether no change but the time sets the rule off."""
    kind = SUBJECTS[rule.subject].triggers.get(rule.trigger.key)
    return bool(kind and kind.schedule)


def would_have_fired(session: Session, store: Store, rule: Rule, period: Period) -> list[Firing]:
    """Return the firings in the period, oldest first. Raises BrokenRule."""
    return past_firings(session, store, rule, period).firings


def past_firings(session: Session, store: Store, rule: Rule, period: Period) -> PastFirings:
    """Return the firings in the period with what is not known of it. Raises BrokenRule."""
    past = _timed_past(session, store, rule, period) if is_timed(rule) else None
    found = past.matches(rule) if past else matches(session, store, rule, period)
    columns = zip(found.ats.tolist(), found.record_ids.tolist(), found.ids.tolist(), strict=True)
    firings = [Firing(moment_of(at), record_id, id) for at, record_id, id in columns]
    return PastFirings(firings, past.known_from, past.unknown) if past else PastFirings(firings)


def all_matches(session: Session, store: Store, rule: Rule, period: Period) -> Matches:
    """Return when the rule would have fired in the period, as a set. Raises BrokenRule."""
    if is_timed(rule):
        return _timed_past(session, store, rule, period).matches(rule)
    return matches(session, store, rule, period)


def _timed_past(session: Session, store: Store, rule: Rule, period: Period) -> TimedPast:
    try:
        return TimedPast(session, store, rule, period)
    except NotTimed as problem:
        raise BrokenRule(str(problem)) from problem
