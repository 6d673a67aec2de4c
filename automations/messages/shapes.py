"""The kinds of values that a message can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Field:
    """One value. `type` is text, number, money, date, datetime, choice or bool.

    `choices` is the key of the list a choice comes from; one of the store's own has its `labels` by key.
    """

    label: str
    type: str = "text"
    choices: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Group:
    """Values under one name, "order"."""

    label: str
    fields: Mapping[str, Shape]


@dataclass(frozen=True)
class ListOf:
    """A list of the record's own; `each` is what an item is called in a loop, "line"."""

    label: str
    each: str
    item: Field | Group


@dataclass(frozen=True)
class Anything:
    """Data of somebody else's shape, such as the answer of an API: any path into it may lead somewhere."""

    label: str


Shape = Field | Group | ListOf | Anything
