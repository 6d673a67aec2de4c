"""Keeps drafts as they are edited. A sitting is what one person changes on one opened page of the builder.

The page saves by itself, often, and perhaps not in order. A sitting may save over itself, never over anyone
else; it leaves one row in the audit, and is taken back as a whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.authoring import drafts
from automations.features.authoring.drafts import Conflict
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep

KIND = "rule edits"
#: After a pause of this long, the next save is a row of its own in the audit.
PAUSE = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Edit:
    """What a page sends: the draft, the revision it was drawn from, and its sitting.

    Of two saves of a sitting, the one with the higher `number` is newer; 0 says that there is only this one.
    """

    name: str
    data: Mapping[str, Any]
    revision: int
    token: str = ""
    number: int = 0


def keep(
    session: Session, store: Store, automation: Automation | None, edit: Edit, user: User, now: dt.datetime
) -> tuple[Automation, UndoStep | None]:
    """Save the draft of an automation, or of a new one, inside write(); return it and its sitting.

    Nothing happens if nothing changed, or a newer save of the sitting came first: then the step may be None.
    Raises Conflict if someone else saved since. The name must be free.
    """
    step = _sitting(session, store, automation, edit, user)
    if automation is None and step is None:
        automation = drafts.create(session, store, edit.name, edit.data, user, now)
        _note(session, automation, user, now, "created")
        return automation, _begin(session, automation, edit, user, None)
    automation = automation or session.get_one(Automation, step.about_id if step else 0)
    session.refresh(automation, with_for_update={"key_share": True, "of": Automation})
    if step and edit.number and edit.number <= step.save_number:
        return automation, step
    goes_on = step is not None and step.after["revision"] == automation.revision
    if not goes_on and edit.revision != automation.revision:
        raise Conflict(automation)
    before = {"name": automation.name, "draft": automation.draft}
    if before == {"name": edit.name, "draft": edit.data}:
        return automation, step
    drafts.save(session, automation, edit.name, edit.data, automation.revision, user, now)
    _note_name(session, automation, before["name"], user, now)
    if step is None or not goes_on or now - step.updated_at > PAUSE:
        _note(session, automation, user, now, "changed")
    if step is None:
        return automation, _begin(session, automation, edit, user, before)
    if not goes_on:
        step.before = before
    step.after, step.save_number, step.updated_at = {"revision": automation.revision}, edit.number, now
    return automation, step


def made_by(session: Session, store: Store, user: User, token: str) -> Automation | None:
    """Return the automation that a sitting has made or changed, if it has."""
    step = _sitting(session, store, None, Edit("", {}, 0, token), user)
    return session.get(Automation, step.about_id) if step else None


def replace(
    session: Session, automation: Automation, data: Mapping[str, Any], user: User, now: dt.datetime
) -> UndoStep:
    """Put other data into the draft, inside write(); return what takes it back."""
    before = {"name": automation.name, "draft": automation.draft}
    drafts.save(session, automation, automation.name, data, automation.revision, user, now)
    return _begin(session, automation, Edit("", data, 0), user, before)


def take_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Automation:
    """Make the draft what it was before a sitting, inside write(). Raises CannotUndo."""
    automation = session.get_one(Automation, step.about_id)
    session.refresh(automation, with_for_update={"key_share": True, "of": Automation})
    if step.before is None or automation.revision != step.after["revision"]:
        raise CannotUndo("The automation was changed in the meantime, so nothing was undone.")
    store, name = session.get_one(Store, automation.store_id), step.before["name"]
    problem = drafts.name_problem(session, store, name, automation.id)
    if problem:
        raise CannotUndo(problem.sentence)
    now_called = automation.name
    drafts.save(session, automation, name, step.before["draft"], automation.revision, user, now)
    _note(session, automation, user, now, "undid changes to")
    _note_name(session, automation, now_called, user, now)
    return automation


def _sitting(
    session: Session, store: Store, automation: Automation | None, edit: Edit, user: User
) -> UndoStep | None:
    """Return the sitting that a save belongs to; None if it is the first."""
    if not edit.token:
        return None
    known = sa.and_(UndoStep.store_id == store.id, UndoStep.token == edit.token, UndoStep.user_id == user.id)
    open_ones = known & UndoStep.undone_at.is_(None) & (UndoStep.kind == KIND)
    if automation is not None:
        open_ones &= UndoStep.about_id == automation.id
    # Locked before the automation, as an undo does.
    return session.scalars(sa.select(UndoStep).where(open_ones).with_for_update()).first()


def _begin(session: Session, automation: Automation, edit: Edit, user: User, before: Any) -> UndoStep:
    taken = sa.select(UndoStep.id).where(
        UndoStep.store_id == automation.store_id, UndoStep.token == edit.token
    )
    token = edit.token if edit.token and session.scalar(taken) is None else None
    about, after = (automation.store_id, automation.id), {"revision": automation.revision}
    return undo_steps.remember(session, KIND, user, *about, before, after, (token, edit.number))


def _note(session: Session, automation: Automation, user: User, now: dt.datetime, action: str) -> None:
    about = f"automation “{automation.name}”"
    audit.note(session, action=action, about=about, store_id=automation.store_id, user_id=user.id, at=now)


def _note_name(session: Session, automation: Automation, before: str, user: User, now: dt.datetime) -> None:
    audit.note_name(session, "automation", before, automation.name, automation.store_id, user.id, now)
