"""The base class of every kind of action: its labels, form, check, and effect in two steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol

import wtforms

from automations.connectors.connector_set import Connectors
from automations.connectors.contacts import EmailContact
from automations.connectors.receipts import Receipt
from automations.connectors.stored_file import NamedFile
from automations.emails.email_look import EmailLook
from automations.engine.fields.subject import Field, Subject
from automations.engine.rules.rule import Problem
from automations.messages.render import Holes
from automations.messages.template_values import PlainContext, plain_context

#: How something leaves: a channel of the connectors, or "inside" for what stays in our own database.
EMAIL, SMS, HTTP, CHAT, INSIDE = "email", "sms", "http", "chat", "inside"

#: Where what a prepared email has besides its words stands in its `extra`.
LAYOUT = "layout"

#: Where a prepared email keeps what it brings along.
ATTACHMENTS = "attachments"

#: Where settings hold the texts in further languages, by the tag of the language and the name of the field.
LANGUAGES = "languages"

#: Settings come from JSON that anybody may have written: every value has to be looked at before use.
Settings = Mapping[str, object]


class Skipped(Exception):
    """The action is deliberately not done: `reason` is a sentence for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Lists(Protocol):
    """The store's lists, for checks."""

    def key_for(self, list_key: str, word: str) -> str | None:
        """Return the key that a label or key stands for, or None."""
        ...

    def choices(self, list_key: str) -> Collection[str]:
        """Return the keys of a list."""
        ...

    def choice(self, list_key: str, key: str) -> str:
        """Return the label of a key."""
        ...

    def labels(self, list_key: str) -> Collection[str]:
        """Return the labels of a list."""
        ...

    def files(self) -> Mapping[str, int]:
        """Return the sizes of the files that emails can bring along, by name."""
        ...


class ActionForm(wtforms.Form):
    """The settings of one action as a form; a page reads these two tables to build it."""

    #: Names of the fields that are templates, so that the page offers "Insert a field" there.
    template_fields: ClassVar[tuple[str, ...]] = ()
    #: Names of the fields that may mention a stored secret.
    secret_fields: ClassVar[tuple[str, ...]] = ()
    #: Field name -> (other field, value for which this one is shown); other fields are always shown.
    shown_when: ClassVar[Mapping[str, tuple[str, str]]] = {}
    #: Names of the fields that may be written once more for each further language.
    translated: ClassVar[tuple[str, ...]] = ()
    #: Names of the fields that settings leave out while they have their default.
    optional: ClassVar[tuple[str, ...]] = ()
    #: Names of further fields that most people leave as they are; settings always have them.
    folded: ClassVar[tuple[str, ...]] = ()

    def to_settings(self) -> dict[str, Any]:
        """Return the settings that the form says."""
        said = {one.short_name: "" if one.data is None else one.data for one in self}
        unsaid = {name for name in self.optional if said[name] in ("", self[name].default)}
        return {name: value for name, value in said.items() if name not in unsaid}


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
    #: How the store's emails look; None for plain ones. And the language of the message.
    look: EmailLook | None = None
    language: str = "en-GB"
    #: The store's own fields of the subject by key.
    custom: Mapping[str, Field] = field(default_factory=dict)
    #: Finds a file of the store's that emails can bring along by its name.
    find_file: Callable[[str], NamedFile | None] = lambda name: None
    #: Where rendering notes the paths of fields that are shown and empty; None notes nothing.
    holes: Holes | None = None

    @cached_property
    def plain(self) -> PlainContext:
        """The context as texts are rendered with it."""
        return plain_context(self.context)


@dataclass(frozen=True)
class Prepared:
    """One rendered effect, ready to be sent or written; plain data, so it can be stored.

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

    @property
    def around(self) -> dict[str, Any] | None:
        """What a stored message has besides its words: its layout, addresses, why its language; or None."""
        beside = ("cc", "bcc", "reply_to", "written_in", ATTACHMENTS)
        copied = {name: self.extra[name] for name in beside if self.extra.get(name)}
        return {**(self.extra.get(LAYOUT) or {}), **copied} or None

    def to_data(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Prepared:
        """Return the inverse of `to_data`; a missing key reads as empty text."""
        extra = data.get("extra")
        texts = {one.name: str(data.get(one.name) or "") for one in fields(cls) if one.name != "extra"}
        texts["channel"] = texts["channel"] or EMAIL
        return cls(**texts, extra=extra if isinstance(extra, Mapping) else {})


class Action(ABC):
    """One kind of action. Its module is named after its key, and it has no state."""

    key: ClassVar[str]
    label: ClassVar[str]
    #: A Tabler icon name.
    icon: ClassVar[str]
    Form: ClassVar[type[ActionForm]]
    #: Outside: sent through a connector, with an attempt. Inside: written to our own database.
    place: ClassVar[Literal["outside", "inside"]] = "outside"
    #: What the log calls it once it has succeeded.
    done: ClassVar[str] = "Sent"
    #: Marketing needs the customer's consent and keeps the store's quiet hours.
    marketing: ClassVar[bool] = False
    #: Whether it changes the record or its customer: later actions then say what has become of it.
    changes_record: ClassVar[bool] = False
    #: Its position among the kinds that can be added, lowest first.
    rank: ClassVar[int] = 100

    def changed_fields(self, settings: Settings) -> frozenset[str]:
        """Return the names of the fields of records it changes, as texts write them: {"balance_due"}."""
        return frozenset()

    @abstractmethod
    def contacts_customer(self, settings: Settings) -> bool:
        """Whether it would contact a customer; False means "internal only"."""

    def verb_to_customer(self, settings: Settings) -> str:
        """Return what it does with the customer: "Email"; "" if it writes to nobody, or to others."""
        return ""

    @abstractmethod
    def summary(self, settings: Settings) -> str:
        """Return a phrase such as "email the customer"; a draft's gaps read as "…"."""

    def lane(self, settings: Settings) -> str:
        """Return the host the settings name, or "": runs that wait for one host hold up no other."""
        return ""

    def summary_for(self, settings: Settings, subject: Subject) -> str:
        """Return `summary` with the names of the subject's custom fields."""
        return self.summary(settings)

    def with_present_names(self, settings: Settings, subject_key: str, lists: Lists) -> Settings:
        """Return the settings with the entries of lists by the names they have now."""
        return settings

    @abstractmethod
    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        """Return the problems that prevent publishing, each with a path like "settings.message"."""

    def check_in_store(self, settings: Settings, subject: Subject, lists: Lists) -> list[Problem]:
        """Return `check`'s problems and those that only the store's lists reveal."""
        return self.check(settings, subject)

    def choices_named(self, settings: Settings, subject_key: str) -> Iterable[tuple[str, str]]:
        """Return the list entries the settings name, as (list, the word as typed)."""
        return ()

    def texts(self, settings: Settings) -> Iterable[tuple[str, str]]:
        """Return the templates in the settings, as (name of the setting, template)."""
        own = [(name, text_of(settings, name)) for name in self.Form.template_fields]
        further = texts_by_language(settings) if self.Form.translated else {}
        return own + [
            (f"{LANGUAGES}.{tag}.{name}", texts.get(name, ""))
            for tag, texts in further.items()
            for name in self.Form.translated
        ]

    @abstractmethod
    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        """Render the texts and resolve contacts, without I/O: one item per recipient. Raises Skipped."""

    @abstractmethod
    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        """Carry out the outside effect. Raises the connector's Refused, TryAgain or Uncertain."""


def text_of(settings: Settings, name: str) -> str:
    """Return the setting `name` if it is text, else ""."""
    value = settings.get(name)
    return value if isinstance(value, str) else ""


def texts_by_language(settings: Settings) -> dict[str, dict[str, str]]:
    """Return the texts in further languages, by tag and field; whatever else stands there is left out."""
    languages = settings.get(LANGUAGES)
    if not isinstance(languages, Mapping):
        return {}
    return {
        tag: {name: text for name, text in texts.items() if isinstance(name, str) and isinstance(text, str)}
        for tag, texts in languages.items()
        if isinstance(tag, str) and isinstance(texts, Mapping)
    }
