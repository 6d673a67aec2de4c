"""The shapes of the values that a message can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FieldShape:
    """One value. `type` is text, number, money, date, datetime, choice or bool.

    `choices` is the key of the list of a choice; a choice of a custom field has `labels` by key instead.
    """

    label: str
    type: str = "text"
    choices: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class GroupShape:
    """Values under one name, such as "order"."""

    label: str
    fields: Mapping[str, Shape]
    #: Whether a record may have none of it, as of an address.
    optional: bool = False


@dataclass(frozen=True)
class ListOf:
    """A list of the record; `each` is the name of an item in a loop, such as "line"."""

    label: str
    each: str
    item: FieldShape | GroupShape


@dataclass(frozen=True)
class Anything:
    """Data of unknown shape, such as the response of an API; any path into it is allowed."""

    label: str


Shape = FieldShape | GroupShape | ListOf | Anything
