"""What comes in at the door, and what is said back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be true of one record. Only the given values change; `number` names the record.

    `values` are columns of the record's table with typed values (Decimal, date, aware datetime,
    choice keys). A record of that number that does not exist yet is created.
    """

    number: str
    values: Mapping[str, Any]
    #: Columns for a record that is made by this change; an existing one keeps what it has.
    when_created: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cause:
    """Who or what changes a record: `kind` is api, person, seed or automation; `label` is for the log.

    What an automation changes carries its chain: the run that did it, the occurrence the chain began
    with, and how many changes by automations there are up to this one.
    """

    kind: str
    label: str
    run_id: int | None = None
    root_id: int | None = None
    depth: int = 0


@dataclass(slots=True)
class Received:
    """What became of one change: nothing at all when `triggers` is empty."""

    id: int
    number: str
    revision: int
    created: bool
    triggers: tuple[str, ...]
    fired: int
    #: The row as it now is, and its snapshot if anything changed: who answers need not read it again.
    row: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    snapshot: dict[str, Any] | None = field(default=None, compare=False, repr=False)
