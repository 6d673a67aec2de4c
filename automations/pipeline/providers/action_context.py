"""Everything an action may know about the moment it acts in, gathered from the snapshot and the team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import Situation
from automations.actions.shared.text_templates import ANSWERS
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.messages.message_context import context_from
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.pipeline.providers.store_connectors import sender_of

Team = Mapping[str, list[EmailContact]]


def situation_for(
    session: Session,
    store: Store,
    words: StoreWords,
    subject: str,
    snapshot: Mapping[str, Any],
    answers: Mapping[str, object] | None = None,
    team: Team | None = None,
) -> Situation:
    """The situation of one record in its store; `answers` are what earlier actions were answered.

    Whoever does many at once gives the `team`, so that it is not read for each.
    """
    custom = words.custom_ever(subject)
    context = context_from(subject, snapshot, words.choice, store.timezone, custom)
    return Situation(
        subject=subject,
        context={**context, ANSWERS: answers or {}},
        team=team_of(session, store.id) if team is None else team,
        sender=sender_of(store),
        region=store.region,
        zone=store.timezone,
        custom=custom,
    )


def team_of(session: Session, store_id: int) -> Team:
    """Who may be written to, by role ("manager") and by person ("user:7"); disabled people are left out."""
    members = sa.select(Membership.role, User.id, User.email, User.name).join(Membership.user)
    found: dict[str, list[EmailContact]] = defaultdict(list)
    present = members.where(Membership.store_id == store_id, User.disabled_at.is_(None))
    for role, user_id, email, name in session.execute(present.order_by(User.id)):
        try:
            contact = EmailContact.parse(email, name)
        except InvalidContact:
            continue
        found[role].append(contact)
        found[f"user:{user_id}"].append(contact)
    return found
