"""Duplicating an automation: the copy is a draft, and off."""

from __future__ import annotations

import copy
import datetime as dt

from sqlalchemy.orm import Session

from automations.features.authoring import drafts
from automations.features.authoring.unique_name import free_name
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store


def duplicate(
    session: Session, store: Store, automation: Automation, user: User, now: dt.datetime
) -> Automation:
    """Create a draft with the same content, named "Copy of …". Call it inside `write()`."""
    name = free_name(session, store, f"Copy of {automation.name}")
    return drafts.create(session, store, name, copy.deepcopy(automation.draft), user, now)
