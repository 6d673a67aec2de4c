"""How long a store keeps its log, by what came of an entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from automations.models.tables.store import Store

NOTHING, UNSENT, SENT = "nothing", "unsent", "sent"
#: Days by outcome of an occurrence: no automation fired, one fired without effect, one had an effect.
USUAL: Mapping[str, int] = {NOTHING: 90, UNSENT: 365, SENT: 1825}


def days_of(store: Store) -> dict[str, int]:
    """Return how many days the store keeps its log, by outcome; 0 means for ever."""
    return {**USUAL, **(store.retention or {})}


def complete_since(store: Store, now: dt.datetime) -> dt.datetime | None:
    """Return the instant since when nothing of the log is deleted yet; None if nothing ever is."""
    days = [kept for kept in days_of(store).values() if kept]
    return now - dt.timedelta(days=min(days)) if days else None
