"""The change asked of a record, its cause, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
