"""When an automation fired, when it would have, and what its trigger listened to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from automations.engine.rules.rule import Rule
from automations.engine.rules.typed_rule import BrokenRule
from automations.engine.surge.usual import WEEK, WEEKS
from automations.features.past.asking import asked, candidates, listened_to
from automations.features.past.firings import is_timed, past_firings
from automations.features.past.matches import moment_of
from automations.features.past.period import Period
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL, Evaluation, Occurrence
from automations.models.tables.store import Store
from automations.models.tables.surge_hold import DROPPED, SurgeHold

#: An evaluation that fired by itself.
_FIRED = (Evaluation.outcome == "fired", Occurrence.trigger != MANUAL)


@dataclass
class PastInstants:
    """What the pasts of some automations that are on are asked for, together where possible."""

    session: Session
    now: dt.datetime
    automation_ids: Sequence[int]
    _begun: dict[int, dt.datetime | None] = field(default_factory=dict)
    _changes: dict[tuple[int, str, str], list[dt.datetime]] = field(default_factory=dict)

    @cached_property
    def first_listened(self) -> Mapping[int, dt.datetime]:
        """When each was switched on for the first time, by its id."""
        spans = sa.select(Version.automation_id, sa.func.min(Listening.started_at))
        spans = spans.join(Version, Version.id == Listening.version_id)
        theirs = spans.where(Version.automation_id.in_(self.automation_ids), ~Version.shadow)
        return dict(self.session.execute(theirs.group_by(Version.automation_id)).all())

    def first_of_store(self, store: Store) -> dt.datetime | None:
        """Return since when the store has a log; None if it has none."""
        if store.id not in self._begun:
            first = sa.select(Occurrence.at).where(Occurrence.store_id == store.id)
            self._begun[store.id] = self.session.scalar(first.order_by(Occurrence.id).limit(1))
        return self._begun[store.id]

    def fired(self, automation_id: int, since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
        """Return when one fired, without what a person dropped and what led to it."""
        if automation_id not in self._ever_fired:
            return []
        instants = sa.select(Evaluation.at).join(Evaluation.occurrence)
        instants = instants.where(Evaluation.automation_id == automation_id, *_FIRED)
        instants = instants.where(Evaluation.at >= since, Evaluation.at <= until).order_by(Evaluation.at)
        wrong = self._wrong.get(automation_id, [])
        found = self.session.scalars(instants)
        return [at for at in found if not any(begin <= at <= end for begin, end in wrong)]

    def changes(self, automation: Automation, store: Store, rule: Rule) -> list[dt.datetime] | None:
        """Return the changes that its trigger listened to lately; None if there are none to compare with."""
        if is_timed(rule) or automation.id in self._had_another_trigger:
            return None
        key = (store.id, rule.subject, rule.trigger.key)
        if key not in self._changes:
            self._changes[key] = _changes(self.session, store, rule, Period(self._lately, self.now, None))
        return self._changes[key]

    @property
    def _lately(self) -> dt.datetime:
        return self.now - WEEKS * WEEK

    @cached_property
    def _ever_fired(self) -> frozenset[int]:
        # One at a time, as each may have fired very often: only whether it did is asked together.
        its_own = sa.select(Evaluation.id).join(Evaluation.occurrence)
        its_own = its_own.where(Evaluation.automation_id == Automation.id, *_FIRED)
        ever = sa.select(Automation.id).where(Automation.id.in_(self.automation_ids), its_own.exists())
        return frozenset(self.session.scalars(ever))

    @cached_property
    def _wrong(self) -> Mapping[int, list[tuple[dt.datetime, dt.datetime]]]:
        wrong: dict[int, list[tuple[dt.datetime, dt.datetime]]] = {}
        holds = sa.select(SurgeHold).where(SurgeHold.automation_id.in_(self.automation_ids))
        for hold in self.session.scalars(holds):
            if hold.ended_at and any(one["what"] == DROPPED for one in hold.decisions):
                begin = hold.at - dt.timedelta(seconds=hold.figures["seconds"] or 0)
                wrong.setdefault(hold.automation_id, []).append((begin, hold.ended_at))
        return wrong

    @cached_property
    def _had_another_trigger(self) -> frozenset[int]:
        live = aliased(Version)
        other = sa.or_(Version.trigger != live.trigger, Version.subject != live.subject)
        lately = sa.or_(Listening.ended_at.is_(None), Listening.ended_at > self._lately)
        query = sa.select(Automation.id).join(live, live.id == Automation.active_version_id)
        query = query.join(Version, Version.automation_id == Automation.id)
        query = query.join(Listening, Listening.version_id == Version.id)
        query = query.where(Automation.id.in_(self.automation_ids), other, lately, ~Version.shadow)
        return frozenset(self.session.scalars(query.distinct()))


def would_have_fired(
    session: Session, store: Store, rule: Rule, since: dt.datetime, until: dt.datetime
) -> list[dt.datetime]:
    """Return when the rule would have fired, by the log of that time."""
    try:
        past = past_firings(session, store, rule, Period(since, until, (until - since).days + 1))
    except BrokenRule:
        return []
    return [firing.at for firing in past.firings]


def _changes(session: Session, store: Store, rule: Rule, period: Period) -> list[dt.datetime]:
    instants: list[dt.datetime] = []
    custom = fields_of(session, store.id, removed=True).get(rule.subject)
    for key in listened_to(store, rule.subject, rule.trigger.key):
        with asked(session, key, [], custom) as table:
            which = candidates(table, rule.trigger.key, period)
            instants += [moment_of(int(at)) for at in table.ats[which]]
    return sorted(instants)
