"""What every kind of action is: its words, its form, its check, and its effect in two halves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import ClassVar

import wtforms

from automations.connectors.contacts import EmailContact
from automations.connectors.email import Receipt
from automations.connectors.registry import Connectors
from automations.engine.rule import Problem

#: Settings come from JSON that anybody may have written: every value has to be looked at before use.
Settings = Mapping[str, object]


class Skipped(Exception):
    """The action is not done, and that is a result: `reason` is a sentence for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ActionForm(wtforms.Form):
    """The settings of one action as a form; a page reads these two tables to build it."""

    #: Names of the fields that are templates, so that the page offers "Insert a field" there.
    template_fields: ClassVar[tuple[str, ...]] = ()
    #: Field name -> (other field, its value) under which the field is shown; others always are.
    shown_when: ClassVar[Mapping[str, tuple[str, str]]] = {}


@dataclass(frozen=True)
class Situation:
    """Everything an action may know about the moment: no database, no clock.

    `context` is what `messages.context.context_from` made. `team` has the people who may be written
    to, by role ("manager") and by person ("user:7").
    """

    subject: str
    context: Mapping[str, object]
    team: Mapping[str, Sequence[EmailContact]]
    sender: EmailContact


@dataclass(frozen=True)
class Prepared:
    """One rendered message to one contact, ready to leave; plain text all through, so it can be stored."""

    kind: str
    to: str
    to_name: str
    subject: str
    body: str
    sender: str
    sender_name: str

    def to_data(self) -> dict[str, str]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Prepared:
        """The inverse of `to_data`; a missing key reads as empty text."""
        return cls(**{field.name: str(data.get(field.name) or "") for field in fields(cls)})


class Action(ABC):
    """One kind of thing to do. Its module carries its key as name, and it has no state."""

    key: ClassVar[str]
    label: ClassVar[str]
    #: A Tabler icon name.
    icon: ClassVar[str]
    Form: ClassVar[type[ActionForm]]

    @abstractmethod
    def contacts_customer(self, settings: Settings) -> bool:
        """Whether a customer would be written to; false means "internal only"."""

    @abstractmethod
    def summary(self, settings: Settings) -> str:
        """A phrase for the sentence, "email the customer"; a draft's gaps read as "…"."""

    @abstractmethod
    def check(self, settings: Settings, subject_key: str) -> list[Problem]:
        """What has to change before it can be published, each with a path like "settings.message"."""

    @abstractmethod
    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        """Render and resolve contacts, one item per recipient, at least one; no I/O. Raises Skipped."""

    @abstractmethod
    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        """The outside effect only. Raises the connector's Refused, TryAgain or Uncertain."""


def text_of(settings: Settings, name: str) -> str:
    """The setting `name` if it is text, else ""."""
    value = settings.get(name)
    return value if isinstance(value, str) else ""
