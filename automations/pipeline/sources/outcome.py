"""What became of a delivery, and what it is taken with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from automations.connectors.sources.shop_messages import ToFetch
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopConnection
from automations.models.tables.store import Store
from automations.pipeline.records.change import Cause
from automations.pipeline.sources.translation import Translation


@dataclass(frozen=True, slots=True)
class Taking:
    """A delivery while it is taken, inside write()."""

    session: Session
    store: Store
    connection: ShopConnection
    words: StoreWords
    translation: Translation
    cause: Cause
    now: dt.datetime
    #: Whether the message tells of the making of what it is about, and whether we have asked for it.
    says_new: bool = False
    is_found: bool = False
    #: Whether it tells that what was deleted is there again.
    says_back: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, as a state and a sentence; what was understood, and of which record."""

    state: str
    sentence: str
    understood: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None
    record_id: int | None = None
    #: What is to be fetched for it.
    wanted: ToFetch | None = None
