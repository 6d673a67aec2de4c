"""What every kind of action is: its words, its form, its check, and its effect in two halves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, Protocol

import wtforms

from automations.connectors.contacts import EmailContact
from automations.connectors.delivery import Receipt
from automations.connectors.registry import Connectors
from automations.engine.rule import Problem
from automations.engine.subject import Field, Subject

#: How something leaves: a channel of the connectors, or "inside" for what stays in our own database.
EMAIL, SMS, HTTP, CHAT, INSIDE = "email", "sms", "http", "chat", "inside"

#: Settings come from JSON that anybody may have written: every value has to be looked at before use.
Settings = Mapping[str, object]


class Skipped(Exception):
    """The action is not done, and that is a result: `reason` is a sentence for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Lists(Protocol):
    """The store's lists, as a check may need them."""

    def key_for(self, list_key: str, word: str) -> str | None:
        """The key meant by a label or a key; None if there is none."""
        ...

    def choices(self, list_key: str) -> Collection[str]:
        """The keys of a list."""
        ...


class ActionForm(wtforms.Form):
    """The settings of one action as a form; a page reads these two tables to build it."""

    #: Names of the fields that are templates, so that the page offers "Insert a field" there.
    template_fields: ClassVar[tuple[str, ...]] = ()
    #: And of those in which a stored secret may stand.
    secret_fields: ClassVar[tuple[str, ...]] = ()
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
    #: The store's country, for phone numbers written without one, and its time zone.
    region: str = "GB"
    zone: str = "UTC"
    #: The store's own fields of the subject by key.
    custom: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """One thing to be done, rendered, ready to leave or to be written; plain data, so it can be stored.

    `to`, `subject` and `body` are what a reader of the log sees, whatever the kind.
    """

    kind: str
    to: str
    to_name: str
    subject: str
    body: str
    sender: str = ""
    sender_name: str = ""
    channel: str = EMAIL
    #: What else the kind needs, plain JSON.
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """Plain JSON."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Prepared:
        """The inverse of `to_data`; a missing key reads as empty text."""
        extra = data.get("extra")
        texts = {one.name: str(data.get(one.name) or "") for one in fields(cls) if one.name != "extra"}
        texts["channel"] = texts["channel"] or EMAIL
        return cls(**texts, extra=extra if isinstance(extra, Mapping) else {})


class Action(ABC):
    """One kind of thing to do. Its module carries its key as name, and it has no state."""

    key: ClassVar[str]
    label: ClassVar[str]
    #: A Tabler icon name.
    icon: ClassVar[str]
    Form: ClassVar[type[ActionForm]]
    #: Outside: it leaves through a connector, behind an attempt of its own. Inside: it is written by us.
    place: ClassVar[Literal["outside", "inside"]] = "outside"
    #: What the log calls it once it is through.
    done: ClassVar[str] = "Sent"
    #: Marketing needs the customer's consent and keeps the store's quiet hours.
    marketing: ClassVar[bool] = False
    #: Where it stands among the kinds that can be added: the usual ones first.
    rank: ClassVar[int] = 100

    @abstractmethod
    def contacts_customer(self, settings: Settings) -> bool:
        """Whether a customer would be written to; false means "internal only"."""

    @abstractmethod
    def summary(self, settings: Settings) -> str:
        """A phrase for the sentence, "email the customer"; a draft's gaps read as "…"."""

    def lane(self, settings: Settings) -> str:
        """The host that is called, where the settings name it: what waits for one holds up no other."""
        return ""

    def summary_for(self, settings: Settings, subject: Subject) -> str:
        """`summary`, with the names of the store's own fields of the subject."""
        return self.summary(settings)

    @abstractmethod
    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        """What has to change before it can be published, each with a path like "settings.message"."""

    def check_in_store(self, settings: Settings, subject: Subject, lists: Lists) -> list[Problem]:
        """`check`, and what only the lists of the store can tell."""
        return self.check(settings, subject)

    def choices_named(self, settings: Settings, subject_key: str) -> Iterable[tuple[str, str]]:
        """Which entries of the store's lists the settings name: (list, the word as it was typed)."""
        return ()

    @abstractmethod
    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        """Render and resolve contacts, one item per recipient, at least one; no I/O. Raises Skipped."""

    @abstractmethod
    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        """The outside effect only. Raises the connector's Refused, TryAgain or Uncertain."""


class InsideAction(Action):
    """One whose whole effect is in our own database: `pipeline.effects` writes what `prepare` made."""

    place = "inside"
    done = "Done"

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        """Nothing leaves."""
        return Receipt("", "")


def text_of(settings: Settings, name: str) -> str:
    """The setting `name` if it is text, else ""."""
    value = settings.get(name)
    return value if isinstance(value, str) else ""
