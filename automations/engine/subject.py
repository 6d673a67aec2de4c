"""What a subject is made of: fields, kinds of trigger, and the operators each field is offered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from automations.engine.operators import EMPTINESS, OPERATORS, Operator
from automations.engine.stored import TEXTS, Stored
from automations.engine.values import InvalidValue, Value, read

#: The value before and after the change, by which a trigger is narrowed; facts beside the fields.
CHANGE_FROM = "change.from"
CHANGE_TO = "change.to"
#: The keys of all fields that the change touched.
CHANGE_FIELDS = "change.fields"
#: How the keys begin of fields of the moment of judging, of the record's customer, and of the store's own.
NOW, CUSTOMER, CUSTOM = "now.", "customer.", "custom."
#: And of those of one line.
LINE = "line."


class UnreadableFact(InvalidValue):
    """A value that does not fit its field or isn’t known; `field` names the fact, `str(e)` is a sentence."""

    def __init__(self, field: Field, problem: object, key: str = "") -> None:
        super().__init__(f"{field.label} {problem}.")
        self.field = key or field.key


@dataclass(frozen=True)
class Field:
    """One thing a condition may look at, or that a record keeps."""

    key: str
    label: str
    type: str
    #: Where the value stands in the snapshot.
    path: tuple[str, ...]
    #: How a sentence names it: "its fulfilment method".
    phrase: str
    #: The store's list its values come from: "order_status".
    choices: str | None = None
    #: What its ids refer to: "account" or "store".
    reference: str | None = None
    can_be_empty: bool = True
    help: str = ""
    #: The choices of a field whose list is the same in every store, by key; also how yes and no are said.
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: It is kept nowhere but worked out from other records, so nothing can be found by it.
    worked_out: bool = False
    #: How a record keeps it and where it appears; None for what is not the record’s.
    stored: Stored | None = field(default=None, hash=False)
    #: Whether conditions may ask about it.
    asked: bool = True

    @property
    def column(self) -> str:
        """The column of the record’s table that holds it."""
        return (self.stored and self.stored.column) or self.key

    @property
    def own(self) -> bool:
        """Whether it belongs to the record itself, so that it changes with the record."""
        return not self.key.startswith((NOW, CUSTOMER))

    def value(self, snapshot: Mapping[str, object]) -> Value | None:
        """The typed value in a snapshot; raises UnreadableFact where it does not fit."""
        found: Any = snapshot
        try:
            for step in self.path:
                found = found.get(step)
                if found is None:
                    return None
        except AttributeError:
            raise UnreadableFact(self, "stands where the record holds no details") from None
        try:
            return read(self.type, found)
        except InvalidValue as problem:
            raise UnreadableFact(self, problem) from None


@dataclass(frozen=True)
class TriggerKind:
    """One kind of occurrence that may start an automation."""

    key: str
    label: str
    note: str
    #: How a sentence goes on after the subject: " is created", "’s status changes".
    phrase: str
    #: The store's list that narrows it by from and to.
    choices: str | None = None
    #: The field whose values from and to are, where the occurrence itself does not say them.
    narrows: str | None = None
    #: It may name one field; none means any change at all.
    needs_field: bool = False
    #: The form of `trigger.schedule`: "date_reached", "stays_in_status" or "scheduled".
    schedule: str | None = None
    #: The segment it must name, as "to" (entered) or "from" (left).
    segment: str | None = None
    #: The columns whose change sets it off.
    watches: tuple[str, ...] = ()
    #: A change of what it watches is kept as an occurrence of its name; without, it listens to any update.
    named: bool = False

    def changed_field(self, chosen: str | None) -> str | None:
        """Return the key of the field whose change sets it off, where it is one; `chosen` is the rule's."""
        return self.watches[0] if self.named else self.narrows or chosen


@dataclass(frozen=True)
class Subject:
    """A kind of record an automation watches."""

    key: str
    label: str
    plural: str
    fields: Mapping[str, Field]
    triggers: Mapping[str, TriggerKind]
    #: Its place among the subjects of a dropdown.
    place: int = 9
    #: What conditions on its lines may look at.
    line_fields: Mapping[str, Field] = field(default_factory=dict)
    #: What its records keep or are shown with, asked about by conditions or not.
    stored: Mapping[str, Field] = field(default_factory=dict)

    def placed(self, where: str) -> list[tuple[Field, Stored]]:
        """The stored fields that appear `where` ("form", "api", see Stored), in the order they have there."""
        kept = [(entry, entry.stored) for entry in self.stored.values() if entry.stored]
        places = {entry.key: getattr(stored, where) for entry, stored in kept}
        present = [(entry, stored) for entry, stored in kept if places[entry.key] is not None]
        return sorted(present, key=lambda pair: places[pair[0].key])

    @property
    def columns(self) -> dict[str, Field]:
        """The stored fields by the column that holds them."""
        return {
            entry.column: entry
            for entry in self.stored.values()
            if entry.stored and not entry.stored.computed
        }

    @property
    def free_texts(self) -> tuple[str, ...]:
        """The columns of texts that people write freely."""
        return tuple(
            column
            for column, entry in self.columns.items()
            if entry.type in TEXTS and entry.stored and entry.stored.free_text
        )

    def operators_for(self, field: Field | str) -> list[Operator]:
        """The operators the field (or its key) is offered, in the order of the dropdown."""
        entry = self.any_field(field) if isinstance(field, str) else field
        offered = [one for one in OPERATORS.values() if entry.type in one.types]
        if not entry.own:
            offered = [one for one in offered if one.derives not in ("from", "to")]
        if entry.key.startswith(NOW):
            offered = [one for one in offered if one.key in _OF_THE_MOMENT]
        return [one for one in offered if entry.can_be_empty or one.key not in EMPTINESS]

    def any_field(self, key: str) -> Field:
        """The field of the record or of its lines with this key; raises KeyError."""
        return self.fields[key] if key in self.fields else self.line_fields[key]

    def with_custom(self, custom: Mapping[str, Field] | None) -> Subject:
        """The same subject with the store's own fields, by key ("custom.colour")."""
        return replace(self, fields={**self.fields, **custom}) if custom else self

    @property
    def custom(self) -> dict[str, Field]:
        """The store's own fields by key."""
        return {key: field for key, field in self.fields.items() if key.startswith(CUSTOM)}

    @property
    def changing(self) -> list[Field]:
        """The fields that "field changed" may name."""
        return [one for one in self.fields.values() if one.own]

    @property
    def dates(self) -> list[Field]:
        """The dates of the record from which a time may be counted."""
        return [one for one in self.changing if one.type in ("date", "datetime") and not one.worked_out]

    @property
    def statuses(self) -> list[Field]:
        """The fields in whose choices a record may stay for a time."""
        return [one for one in self.changing if one.type == "choice" and one.key.endswith("status")]


_OF_THE_MOMENT = frozenset({"equals", "not_equals", "greater_than", "less_than", "at_least", "at_most"}) | {
    "between",
    "is_one_of",
    "is_none_of",
}


def by_key(fields: Iterable[Field]) -> dict[str, Field]:
    """The fields as a mapping that keeps their order."""
    return {field.key: field for field in fields}


def asked(fields: Iterable[Field]) -> dict[str, Field]:
    """Those that conditions may ask about, by key."""
    return by_key(field for field in fields if field.asked)


def kept(fields: Iterable[Field]) -> dict[str, Field]:
    """Those that a record keeps or is shown with, by key."""
    return by_key(field for field in fields if field.stored)
