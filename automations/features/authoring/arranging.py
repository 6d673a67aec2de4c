"""The order of automations and their groups, changed in a way that can be taken back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from automations.models.access import undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.evaluation import automation_order

MOVED, GROUPED = "place", "group"


def move(session: Session, automation: Automation, up: bool, user: User, now: dt.datetime) -> UndoStep | None:
    """Swap it with its neighbour above or below, inside write(); None at the end of the list."""
    if not automation_order.move(session, automation, up, user, now):
        return None
    before, after = {"up": not up}, {"position": automation.position}
    return undo_steps.remember(session, MOVED, user, automation.store_id, automation.id, before, after)


def put_in_group(
    session: Session, automation: Automation, name: str, user: User, now: dt.datetime
) -> UndoStep | None:
    """Put it into the group of this name, or into none for "", inside write(); None if it is in it."""
    before = {"group": automation.group_name}
    automation_order.put_in_group(session, automation, name, user, now)
    after = {"group": automation.group_name}
    if before == after:
        return None
    return undo_steps.remember(session, GROUPED, user, automation.store_id, automation.id, before, after)


def move_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Automation:
    """Put it back into its place, inside write(). Raises CannotUndo if the order was changed since."""
    automation = session.get_one(Automation, step.about_id, populate_existing=True)
    if automation.archived_at or automation.position != step.after["position"]:
        raise CannotUndo("The order was changed in the meantime, so nothing was undone.")
    if not automation_order.move(session, automation, step.before["up"], user, now):
        raise CannotUndo("The order was changed in the meantime, so nothing was undone.")
    return automation


def group_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Automation:
    """Put it back into its group, inside write(). Raises CannotUndo if it was put elsewhere since."""
    automation = session.get_one(Automation, step.about_id, with_for_update=True, populate_existing=True)
    if automation.group_name != step.after["group"]:
        raise CannotUndo("It was put into another group in the meantime, so nothing was undone.")
    automation_order.put_in_group(session, automation, step.before["group"], user, now)
    return automation
