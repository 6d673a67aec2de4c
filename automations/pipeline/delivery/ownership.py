"""Holds the runs of automations whose owner lacks the right to have them act now. Part of: claim."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import Membership, User
from automations.models.tables.run import KEPT_WORD, QUEUED, WAITING, Run, in_order

#: How often a held run is looked at again: its owner may have got the right back.
LOOK_AGAIN = dt.timedelta(minutes=15)
#: The roles that may edit automations, and so may have them act.
MAY_OWN = ("manager", "admin")
HELD = KEPT_WORD + "{} owns this automation and {}. A manager or an admin can take it over."
OWNER = sa.func.coalesce(Automation.owner_id, Automation.created_by)
#: That the owner lacks the right, as a condition on the rows that `with_owner` joins.
MAY_NOT_ACT = sa.or_(
    User.disabled_at.is_not(None),
    Membership.role.is_(None),
    sa.and_(*(Membership.role != role for role in MAY_OWN)),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """The user an automation acts for; `problem`, the end of a sentence, says why it cannot, or is empty."""

    id: int
    name: str
    problem: str


def owner_of(session: Session, automation: Automation) -> Owner:
    """Return the owner, with the rights they have now."""
    row = session.execute(_owners().where(Automation.id == automation.id)).one()
    return Owner(row.id, row.name, _problem(row.disabled_at, row.role))


def hold(session: Session, runs: sa.ColumnElement[bool], now: dt.datetime) -> None:
    """Hold those of the claimed `runs` whose owner lacks the right, with the reason. Inside write().

    A run that was under way when its process died is not held: what was begun is finished.
    """
    acting = (
        _owners()
        .add_columns(Run.id.label("run_id"))
        .join(Evaluation, Evaluation.automation_id == Automation.id)
        .join(Run, Run.evaluation_id == Evaluation.id)
    )
    # Alerts to managers are not held: the automation does not send them.
    fresh = sa.and_(Run.state == QUEUED, Run.deaths.is_(None), Run.prepared.is_(None))
    for row in session.execute(acting.where(runs, fresh, MAY_NOT_ACT)).all():
        reason = HELD.format(row.name, _problem(row.disabled_at, row.role))
        values = {"state": WAITING, "reason": reason, "due_at": now + LOOK_AGAIN, "workflow_id": None}
        session.execute(sa.update(Run).where(Run.id == row.run_id).values(**values))


def take_over(session: Session, automation: Automation, user: User, now: dt.datetime) -> None:
    """Make `user` the owner and let go the runs that were held. Inside write()."""
    before = owner_of(session, automation)
    if before.id == user.id:
        return
    automation.owner_id = user.id
    of_automation = sa.select(Evaluation.id).where(Evaluation.automation_id == automation.id)
    # A failed run that waits for another try has been tried; one that was held before its first try has not.
    held = sa.and_(Run.state == WAITING, Run.tries == 0, Run.reason.is_not(None))
    session.execute(
        sa.update(Run)
        .where(in_order(sa.and_(Run.evaluation_id.in_(of_automation), held)))
        .values(due_at=now, reason=None),
        execution_options={"synchronize_session": False},
    )
    audit.note(
        session,
        action="took over",
        about=f"automation “{automation.name}”",
        store_id=automation.store_id,
        user_id=user.id,
        before=before.name,
        after=user.name,
        at=now,
    )


def with_owner(automations: sa.Select[Any]) -> sa.Select[Any]:
    """Join the owner and their membership to a query with automations."""
    of_store = sa.and_(Membership.user_id == User.id, Membership.store_id == Automation.store_id)
    return automations.join(User, User.id == OWNER).outerjoin(Membership, of_store)


def _owners() -> sa.Select[Any]:
    columns: list[sa.ColumnElement[Any]] = [User.id.expression, User.name.expression]
    columns += [User.disabled_at.expression, Membership.role.expression]
    return with_owner(sa.select(*columns).select_from(Automation))


def _problem(disabled_at: dt.datetime | None, role: str | None) -> str:
    if disabled_at is not None:
        return "cannot sign in any more"
    if role is None:
        return "does not work in this store any more"
    return "" if role in MAY_OWN else "may only look now"
