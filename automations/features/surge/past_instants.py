"""When an automation fired, when it would have, and what its trigger listened to."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

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


def first_listened(session: Session, automation_id: int) -> dt.datetime | None:
    """Return when an automation was switched on for the first time; None if never."""
    spans = sa.select(sa.func.min(Listening.started_at)).join(Version, Version.id == Listening.version_id)
    return session.scalar(spans.where(Version.automation_id == automation_id, ~Version.shadow))


def first_of_store(session: Session, store: Store) -> dt.datetime | None:
    """Return since when the store has a log; None if it has none."""
    first = sa.select(Occurrence.at).where(Occurrence.store_id == store.id).order_by(Occurrence.id).limit(1)
    return session.scalar(first)


def fired(session: Session, automation_id: int, since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """Return when it fired, without what a person dropped and what led to it."""
    query = (
        sa.select(Evaluation.at)
        .join(Evaluation.occurrence)
        .where(
            Evaluation.automation_id == automation_id,
            Evaluation.at >= since,
            Evaluation.at <= until,
            Evaluation.outcome == "fired",
            Occurrence.trigger != MANUAL,
        )
    )
    wrong = _wrong(session, automation_id)
    instants = session.scalars(query.order_by(Evaluation.at)).all()
    return [at for at in instants if not any(begin <= at <= end for begin, end in wrong)]


def _wrong(session: Session, automation_id: int) -> list[tuple[dt.datetime, dt.datetime]]:
    holds = sa.select(SurgeHold).where(SurgeHold.automation_id == automation_id)
    return [
        (hold.at - dt.timedelta(seconds=hold.figures["seconds"] or 0), hold.ended_at)
        for hold in session.scalars(holds)
        if hold.ended_at and any(one["what"] == DROPPED for one in hold.decisions)
    ]


def would_have_fired(
    session: Session, store: Store, rule: Rule, since: dt.datetime, until: dt.datetime
) -> list[dt.datetime]:
    """Return when the rule would have fired, by the log of that time."""
    try:
        past = past_firings(session, store, rule, Period(since, until, (until - since).days + 1))
    except BrokenRule:
        return []
    return [firing.at for firing in past.firings]


def changes(
    session: Session, automation: Automation, store: Store, rule: Rule, now: dt.datetime
) -> list[dt.datetime] | None:
    """Return the changes that its trigger listened to lately; None if there are none to compare with."""
    since = now - WEEKS * WEEK
    if is_timed(rule) or _had_another_trigger(session, automation, rule, since):
        return None
    instants: list[dt.datetime] = []
    custom = fields_of(session, store.id, removed=True).get(rule.subject)
    for key in listened_to(store, rule.subject, rule.trigger.key):
        with asked(session, key, [], custom) as table:
            which = candidates(table, rule.trigger.key, Period(since, now, None))
            instants += [moment_of(int(at)) for at in table.ats[which]]
    return sorted(instants)


def _had_another_trigger(session: Session, automation: Automation, rule: Rule, since: dt.datetime) -> bool:
    other = sa.or_(Version.trigger != rule.trigger.key, Version.subject != rule.subject)
    lately = sa.or_(Listening.ended_at.is_(None), Listening.ended_at > since)
    spans = sa.select(Listening.id).join(Version, Version.id == Listening.version_id)
    spans = spans.where(Version.automation_id == automation.id, other, lately, ~Version.shadow)
    return session.execute(spans.limit(1)).first() is not None
