"""Builds the situation in which an action is rendered, from the snapshot, the store and its team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import Situation
from automations.actions.shared.text_templates import ANSWERS
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.emails.email_look import look_of
from automations.messages.message_context import context_from
from automations.messages.money_texts import LANGUAGE
from automations.models.db.fast_select import Lookup
from automations.models.settings import attached_files
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.pipeline.providers.store_connectors import sender_of

Team = Mapping[str, list[EmailContact]]
_MEMBERS = Lookup(
    lambda _: (
        sa.select(Membership.role, User.id, User.email, User.name)
        .join(Membership.user)
        .where(Membership.store_id == sa.bindparam("store_id"), User.disabled_at.is_(None))
        .order_by(User.id)
    )
)


def situation_for(
    session: Session,
    store: Store,
    words: StoreWords,
    subject: str,
    snapshot: Mapping[str, Any],
    answers: Mapping[str, object] | None = None,
    team: Team | None = None,
) -> Situation:
    """Return the situation of one record in its store; `answers` are the responses to earlier actions.

    Callers that build many pass the `team`, so that it is not read for each.
    """
    custom = words.custom_ever(subject)
    context = context_from(
        subject, snapshot, words.choice, store.timezone, custom, words.former, store.currency
    )
    return Situation(
        subject=subject,
        context={**context, ANSWERS: answers or {}, LANGUAGE: store.language},
        team=team_of(session, store.id) if team is None else team,
        sender=sender_of(store),
        region=store.region,
        zone=store.timezone,
        language=store.language,
        look=look_of(store.email_look, store.name, sender_of(store).address),
        custom=custom,
        find_file=partial(attached_files.named, session, store.id),
    )


def team_of(session: Session, store_id: int) -> Team:
    """Return the contacts of the team by role ("manager") and person ("user:7"), without disabled people."""
    team: dict[str, list[EmailContact]] = defaultdict(list)
    for member in _MEMBERS.rows(session, store_id=store_id):
        try:
            contact = EmailContact.parse(member["email"], member["name"])
        except InvalidContact:
            continue
        team[member["role"]].append(contact)
        team[f"user:{member['id']}"].append(contact)
    return team
