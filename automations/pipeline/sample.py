"""A believable flower shop to look around in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.store import Store


def is_empty(session: Session) -> bool:
    """Whether nothing was ever set up in this database."""
    return session.scalar(sa.select(sa.func.count(Store.id))) == 0


def fill(now: dt.datetime, hasher: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """Fill it; returns (email, password, role) of the people who can sign in."""
    raise ValueError("The sample shop is not there yet.")
