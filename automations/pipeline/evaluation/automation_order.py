"""The order of automations: which one goes first if several fire, and their groups. Beside: outbox."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.pipeline.evaluation.evaluate import Evaluated

LONGEST_GROUP = 60


class AutomationOrder:
    """The positions of automations, each read once per transaction, and only if several fire together."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._positions: dict[int, int] = {}

    def sorted(self, outcomes: list[Evaluated]) -> list[Evaluated]:
        """Return the outcomes in the order of the list of automations."""
        if len(outcomes) < 2:
            return outcomes
        missing = {outcome.live.automation_id for outcome in outcomes} - self._positions.keys()
        if missing:
            columns = sa.select(Automation.id, Automation.position)
            self._positions |= dict(self._session.execute(columns.where(Automation.id.in_(missing))).all())
        return sorted(outcomes, key=lambda outcome: (self._position(outcome), outcome.live.automation_id))

    def _position(self, outcome: Evaluated) -> int:
        return self._positions.get(outcome.live.automation_id, 0)


def move(session: Session, automation: Automation, up: bool, user: User, now: dt.datetime) -> bool:
    """Swap it with its neighbour above or below, inside write(); return False at the end of the list."""
    of_store = sa.and_(Automation.store_id == automation.store_id, Automation.archived_at.is_(None))
    ordered = sa.select(Automation).where(of_store).order_by(Automation.position, Automation.id)
    rows = list(session.scalars(ordered.with_for_update()))
    here = rows.index(automation)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return False
    rows[here], rows[there] = rows[there], rows[here]
    for place, row in enumerate(rows, 1):
        if row.position != place:
            row.position = place
    _note(session, automation, user, now, "moved", None, "up" if up else "down")
    return True


def put_in_group(session: Session, automation: Automation, name: str, user: User, now: dt.datetime) -> None:
    """Put it into the group of this name, or into none for "", inside write()."""
    name = " ".join(name.split())[:LONGEST_GROUP]
    if name != automation.group_name:
        _note(session, automation, user, now, "grouped", automation.group_name, name)
        automation.group_name = name


def groups(session: Session, store_id: int) -> list[str]:
    """Return the names of the groups in use, in alphabetical order."""
    of_store = sa.and_(Automation.store_id == store_id, Automation.archived_at.is_(None))
    named = sa.select(Automation.group_name).where(of_store, Automation.group_name != "").distinct()
    return list(session.scalars(named.order_by(Automation.group_name)))


def _note(
    session: Session,
    automation: Automation,
    user: User,
    now: dt.datetime,
    action: str,
    before: str | None,
    after: str,
) -> None:
    about = f"automation “{automation.name}”"
    row = audit.note(
        session, action=action, about=about, store_id=automation.store_id, user_id=user.id, at=now
    )
    row.before, row.after = before, after
