"""The change asked of a record, its cause, and its result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: How far the clock of a source may be ahead of ours. Time beyond it counts as this much, because a message
#: from far in the future would make every later one late.
SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SourceMessage:
    """Who sent a message, and when what it says was so, by the sender's clock."""

    source: str
    at: dt.datetime

    def by(self, now: dt.datetime) -> SourceMessage:
        """Return the message with a time that is not too far ahead of `now`."""
        return replace(self, at=min(self.at, now + SKEW))


@dataclass(frozen=True, slots=True)
class Cause:
    """Who or what changes a record: `kind` is api, person, seed or automation; `label` is shown in the log.

    A change by an automation carries its chain: the run that made it, the occurrence that began the
    chain, and the number of changes by automations up to and including this one.
    """

    kind: str
    label: str
    run_id: int | None = None
    root_id: int | None = None
    depth: int = 0
    #: Whether the change sets nothing off: its occurrence is IMPORTED, to which no automation listens.
    quiet: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sender:
    """One of several requests that are received together: what its changes are put down to."""

    cause: Cause
    message: SourceMessage | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The values one record is to have. Only those in `values` change; `number` identifies the record.

    `values` are columns of the record's table with typed values (Decimal, date, aware datetime,
    choice keys). If no record has that number, it is created.
    """

    number: str
    values: Mapping[str, Any]
    #: Columns that are set only if this change creates the record.
    when_created: Mapping[str, Any] = field(default_factory=dict)
    #: Columns that are set where this change creates the record, or it has nothing in them.
    when_empty: Mapping[str, Any] = field(default_factory=dict)
    #: The request it came with, where several are received together; else None.
    sender: Sender | None = None


@dataclass(slots=True)
class Received:
    """The result of one change; if `triggers` is empty, the record already had the values."""

    id: int
    number: str
    revision: int
    created: bool
    triggers: tuple[str, ...]
    fired: int
    #: The fields that were left as they are, because the message came late.
    late: tuple[str, ...] = ()
    #: The row as it now is, and its snapshot if anything changed, so that an answer need not read them again.
    row: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    snapshot: dict[str, Any] | None = field(default=None, compare=False, repr=False)
