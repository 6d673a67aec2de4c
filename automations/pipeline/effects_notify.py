"""Writes notifications to the people a role has at this moment."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.base import Prepared
from automations.actions.recipients import ROLES, is_person
from automations.models.notification import Notification
from automations.models.people import Membership, User
from automations.pipeline.effects_around import Around, EffectRefused


def apply(session: Session, around: Around, prepared: Prepared) -> str:
    """One notification for each person; returns what was done as a sentence. Raises EffectRefused."""
    people = _people(session, around.store.id, str(prepared.extra.get("who") or ""))
    if not people:
        raise EffectRefused(f"There is nobody to tell among {prepared.to}.")
    for user_id in people:
        session.add(_notification(around, prepared, user_id))
    session.flush()
    return f"Told {', '.join(people.values())}"


def _people(session: Session, store_id: int, who: str) -> dict[int, str]:
    mine = sa.select(User.id, User.name).join(Membership, Membership.user_id == User.id)
    present = mine.where(Membership.store_id == store_id, User.disabled_at.is_(None))
    chosen = User.id == int(who[5:][:18]) if is_person(who) else Membership.role.in_(_roles(who))
    return dict(session.execute(present.where(chosen).order_by(User.id)).all())


def _roles(who: str) -> tuple[str, ...]:
    return ROLES[who].roles if who in ROLES else ()


def _notification(around: Around, prepared: Prepared, user_id: int) -> Notification:
    return Notification(
        store_id=around.store.id,
        user_id=user_id,
        run_id=around.run_id,
        subject=around.subject,
        record_id=around.record_id,
        title=prepared.subject,
        body=prepared.body,
        created_at=around.now,
    )
