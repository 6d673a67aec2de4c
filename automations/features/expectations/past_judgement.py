"""An expectation over the last 30 days of the log, as the pages show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.engine.rules.rule import rule_from
from automations.features.expectations.beginnings import erased_among
from automations.features.expectations.follow import Follow
from automations.features.expectations.judging import Broken, judge
from automations.features.expectations.sent_log import sent
from automations.features.past.firings import would_have_fired
from automations.features.past.period import Period, period_of
from automations.models.settings.log_retention import complete_since
from automations.models.tables.store import Store

PERIOD = "30"
#: What was sent is written a moment after its own instant.
GRACE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PastJudgement:
    """What the log says: how many firings kept it, which broke it, newest first, and what is not known."""

    kept: int
    #: How many of those kept by messages of which one or more only stayed here.
    stayed: int
    broken: tuple[Broken, ...]
    not_over: int
    #: The number of distinct records.
    records: int
    #: Records left out because their customer was erased.
    erased: int
    #: Since when everything of the period is still in the log; None if nothing of it was deleted.
    known_from: dt.datetime | None

    @property
    def judged(self) -> int:
        """The number of firings whose time is over."""
        return self.kept + len(self.broken)

    @property
    def begun(self) -> int:
        """The number of all firings."""
        return self.judged + self.not_over


def judged_past(
    session: Session, store: Store, rule_data: Mapping[str, Any], follow: Follow, now: dt.datetime
) -> PastJudgement:
    """Judge the last 30 days of the store's calendar, today included. Raises BrokenRule."""
    rule, period = rule_from(0, rule_data), period_of(PERIOD, store, now)
    firings = would_have_fired(session, store, rule, period)
    ids = {firing.record_id for firing in firings}
    gone = erased_among(session, store.id, rule.subject, ids)
    known = [firing for firing in firings if firing.record_id not in gone]
    followed = sent(session, store.id, rule.subject, follow, ids - gone, period.since, now)
    found = judge(known, followed, follow, now - GRACE)
    newest_first = tuple(reversed(found.broken))
    counts = (found.not_over, len(ids - gone), len(gone))
    return PastJudgement(len(found.kept), found.stayed, newest_first, *counts, _known_from(store, period))


def _known_from(store: Store, period: Period) -> dt.datetime | None:
    since = complete_since(store, period.until)
    return since if since and since > max(period.since, store.created_at) else None
