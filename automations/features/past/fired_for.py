"""When a rule would have fired, and for which customers: of changes and of times alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.engine.rules.rule import Rule
from automations.engine.rules.typed_rule import typed_nodes
from automations.features.past import asking, caps
from automations.features.past.arrays import Ints, np
from automations.features.past.judge_columns import all_of, judge, matching
from automations.features.past.matches import Matches, distinct, joined, none, united
from automations.features.past.period import Period
from automations.features.past.raw_facts import CUSTOMER_ID
from automations.features.past.time_moments import TimedPast
from automations.models.tables.custom_field import fields_of
from automations.models.tables.schedule_progress import TIMED
from automations.models.tables.store import Store

#: What makes two firings the same: the record and the occurrence, or the instant that it was due for.
Key = tuple[int, int]


@dataclass(frozen=True)
class FiredFor:
    """The firings of one rule, oldest first; `customers` has the customer of each, 0 for none."""

    matches: Matches
    customers: Ints
    keys: frozenset[Key]

    def within(self, limits: Any) -> tuple[Matches, Ints]:
        """Return those that the rule's own limits would have left, as if it had been on all the time."""
        if not caps.has_caps(limits):
            return self.matches, self.customers
        kept = caps.places_left_by(limits, self.matches, self.customers.tolist())
        left = np.array(kept, np.int64)
        return self.matches.at(left), self.customers[left]


def fired_for(session: Session, store: Store, rule: Rule, period: Period, now: dt.datetime) -> FiredFor:
    """Return when the rule would have fired in the period. Raises BrokenRule and NotTimed."""
    if rule.trigger.key in TIMED:
        return _at_times(session, store, rule, period, now)
    nodes = typed_nodes(rule, custom := fields_of(session, store.id, removed=True).get(rule.subject))
    parts: list[Matches] = []
    customers: dict[int, int] = {}
    for key in asking.listened_to(store, rule.subject, rule.trigger.key):
        with asking.asked(session, key, nodes, custom, [CUSTOMER_ID]) as table:
            fires = matching(all_of([judge(table, node) for node in nodes], len(table)))
            fires &= asking.candidates(table, rule.trigger.key, period)
            found, of_each = table.matches(fires), table.columns[CUSTOMER_ID].numbers()[fires]
            parts.append(found)
            customers.update(zip(found.ids.tolist(), of_each.tolist(), strict=True))
    matches = united(parts)
    ids = matches.ids.tolist()
    keys = frozenset(zip(matches.record_ids.tolist(), ids, strict=True))
    return FiredFor(matches, np.array([customers[id] for id in ids], np.int64), keys)


def number_of_customers(customers: Ints) -> int:
    """Return how many different customers these are; 0 is none."""
    return distinct(customers[customers > 0])


def _at_times(session: Session, store: Store, rule: Rule, period: Period, now: dt.datetime) -> FiredFor:
    found = list(TimedPast(session, store, rule, period, now).fired(rule))
    matches = joined([table.matches(mask) for table, mask in found])
    customers = np.concatenate(
        [none().ids, *(table.columns[CUSTOMER_ID].numbers()[mask] for table, mask in found)]
    )
    keys = frozenset(
        key
        for table, mask in found
        for key in zip(table.record_ids[mask].tolist(), table.due_ats[mask].tolist(), strict=True)
    )
    order = matches.order()
    return FiredFor(matches.at(order), customers[order], keys)
