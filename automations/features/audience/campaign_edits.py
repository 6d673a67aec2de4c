"""Creating a campaign: its message is frozen as the only action of a version that never listens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.send_marketing import SendMarketing
from automations.engine.fields.subject import Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Problem
from automations.engine.wording.name_problems import name_problem
from automations.features.audience import campaign_sending
from automations.features.audience.segment_edits import SegmentEditRefused
from automations.features.authoring import drafts, publish
from automations.models.access import audit
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.people import User
from automations.models.tables.segment import DRAFT, SENDING, Campaign, Segment
from automations.models.tables.store import Store
from automations.pipeline.evaluation import segment_membership

LONGEST_NAME = 80
MOST_DAYS = 365


def create(
    session: Session,
    store: Store,
    user: User,
    segment: Segment,
    name: str,
    settings: Mapping[str, str],
    once_in_days: int | None,
    now: dt.datetime,
) -> Campaign:
    """Create a campaign to be reviewed before it starts, inside write(). Raises SegmentEditRefused.

    `settings` are those of the action send_marketing: channel, subject, message.
    """
    name = " ".join(name.split())
    subject = SUBJECTS["customer"].with_custom(StoreWords(session, store).custom("customer"))
    problems = _problems(name, settings, once_in_days, subject)
    if problems:
        raise SegmentEditRefused(problems)
    made = Campaign(store_id=store.id, segment_id=segment.id, name=name, once_in_days=once_in_days)
    made.state, made.after_id, made.counts = DRAFT, 0, campaign_sending.nobody()
    made.created_at, made.created_by = now, user.id
    made.version = _version(session, store, user, name, settings, now)
    session.add(made)
    session.flush()
    about = f"the campaign “{name}” to “{segment.name}”"
    audit.note(session, action="created", about=about, store_id=store.id, user_id=user.id, at=now)
    return made


def start(session: Session, campaign: Campaign, user: User, at: dt.datetime | None = None) -> None:
    """Start the campaign, now or `at` that moment, inside write(); do nothing if it has started already."""
    locked = session.get_one(Campaign, campaign.id, with_for_update=True, populate_existing=True)
    if locked.state == DRAFT:
        locked.state = SENDING
        about = f"the campaign “{locked.name}” to “{locked.segment.name}”"
        audit.note(session, action="sent", about=about, store_id=locked.store_id, user_id=user.id, at=at)


def _version(
    session: Session, store: Store, user: User, name: str, settings: Mapping[str, str], now: dt.datetime
) -> Version:
    action = {"kind": SendMarketing.key, "settings": dict(settings)}
    data = segment_membership.as_data([]) | {"actions": [action]}
    automation = drafts.create(
        session, store, _free_name(session, store, f"Campaign: {name}"), data, user, now
    )
    # It has no page to be edited on, and is in no list.
    automation.archived_at, automation.archived_by = now, user.id
    return publish.freeze(session, automation, 1, user, now)


def _free_name(session: Session, store: Store, wanted: str) -> str:
    names = sa.select(Automation.name).where(Automation.store_id == store.id)
    taken = set(session.scalars(names.where(Automation.name.startswith(wanted, autoescape=True))))
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted} ({number})", number + 1
    return name


def _problems(
    name: str, settings: Mapping[str, str], once_in_days: int | None, subject: Subject
) -> list[Problem]:
    problems = []
    if problem := name_problem(name, LONGEST_NAME, "the campaign"):
        problems.append(Problem("name", problem))
    if once_in_days is not None and not 0 < once_in_days <= MOST_DAYS:
        problems.append(Problem("once_in_days", f"Enter a number of days from 1 to {MOST_DAYS}, or nothing."))
    return [*problems, *SendMarketing().check(settings, subject)]
