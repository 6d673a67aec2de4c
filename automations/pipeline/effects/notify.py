"""The effect of "notify": notifications to the people who have the role at this moment."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.notify import Notify
from automations.actions.shared.action_kind import Prepared
from automations.actions.shared.recipients import ROLES, is_person
from automations.models.tables.notification import Notification
from automations.models.tables.people import Membership, User
from automations.pipeline.effects.shared.effect_kind import (
    Effect,
    EffectContext,
    EffectRefused,
    Preview,
    recipient_words,
)


class NotifyEffect(Effect):
    """Writes one notification to each person who is meant."""

    kind = Notify.key

    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        people = _people(session, context.store.id, str(prepared.extra.get("who") or ""))
        if not people:
            raise EffectRefused(f"There is nobody to tell among {prepared.to}.")
        for user_id in people:
            session.add(_notification(context, prepared, user_id))
        session.flush()
        return f"Told {', '.join(people.values())}"

    def preview(self, prepared: Prepared) -> Preview:
        return Preview(f"A notification for {recipient_words(prepared)}", prepared.subject, prepared.body)


def _people(session: Session, store_id: int, who: str) -> dict[int, str]:
    members = sa.select(User.id, User.name).join(Membership, Membership.user_id == User.id)
    present = members.where(Membership.store_id == store_id, User.disabled_at.is_(None))
    chosen = User.id == int(who[5:][:18]) if is_person(who) else Membership.role.in_(_roles(who))
    return dict(session.execute(present.where(chosen).order_by(User.id)).all())


def _roles(who: str) -> tuple[str, ...]:
    return ROLES[who].roles if who in ROLES else ()


def _notification(context: EffectContext, prepared: Prepared, user_id: int) -> Notification:
    return Notification(
        store_id=context.store.id,
        user_id=user_id,
        run_id=context.run_id,
        subject=context.subject,
        record_id=context.record_id,
        title=prepared.subject,
        body=prepared.body,
        created_at=context.now,
    )
