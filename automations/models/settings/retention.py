"""How long a store keeps its log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from automations.models.tables.store import Store

NOTHING, UNSENT, SENT = "nothing", "unsent", "sent"
#: Days by outcome of an occurrence: no automation fired, one fired without effect, one had an effect.
USUAL: Mapping[str, int] = {NOTHING: 90, UNSENT: 365, SENT: 1825}


def days_of(store: Store) -> dict[str, int]:
    """Return how many days the store keeps its log, by outcome."""
    return {**USUAL, **(store.retention or {})}


def complete_since(store: Store, now: dt.datetime, since: dt.datetime) -> dt.datetime | None:
    """Return since when every entry is still kept; None if none is missing since `since`."""
    kept = min((days for days in days_of(store).values() if days), default=0)
    cut = now - dt.timedelta(days=kept)
    return cut if kept and cut > max(since, store.created_at) else None
