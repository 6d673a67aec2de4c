"""When a rule would have fired in the recorded past, whatever sets it off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.engine.rules.rule import Rule
from automations.features.past.asking import matches
from automations.features.past.matches import moment_of
from automations.features.past.period import Period
from automations.models.tables.store import Store


@dataclass(frozen=True, slots=True)
class Firing:
    """One moment at which a rule would have fired for one record."""

    at: dt.datetime
    record_id: int
    #: The occurrence with the snapshot of that moment: for a time trigger, the record's newest one by then.
    occurrence_id: int


def would_have_fired(session: Session, store: Store, rule: Rule, period: Period) -> list[Firing]:
    """Return the firings in the period, oldest first. Raises BrokenRule."""
    found = matches(session, store, rule, period)
    columns = zip(found.ats.tolist(), found.record_ids.tolist(), found.ids.tolist(), strict=True)
    return [Firing(moment_of(at), record_id, id) for at, record_id, id in columns]
