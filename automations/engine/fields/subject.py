"""A subject: its fields, its kinds of trigger, and the operators that each field offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from automations.engine.fields.stored import TEXTS, Stored
from automations.engine.operators.operators import EMPTINESS, OPERATORS, Operator
from automations.engine.operators.value_types import STORE_CURRENCY, ForeignAmount, InvalidValue, Value, read

#: Facts that are not fields: the value before and after the change, which narrow a trigger.
CHANGE_FROM = "change.from"
CHANGE_TO = "change.to"
#: The fact that holds the keys of all changed fields.
CHANGE_FIELDS = "change.fields"
#: Key prefixes: fields of the moment of evaluation, of the record's customer, and the store's custom fields.
NOW, CUSTOMER, CUSTOM = "now.", "customer.", "custom."
#: Key prefix of the fields of an order line.
LINE = "line."


class UnreadableFact(InvalidValue):
    """A value that does not fit its field or isn’t known; `field` is the fact, `str(e)` a sentence."""

    def __init__(self, field: Field, problem: object, key: str = "") -> None:
        super().__init__(f"{field.label} {problem}.")
        self.field = key or field.key


@dataclass(frozen=True)
class Field:
    """One value that a condition can test, or that a record keeps."""

    key: str
    label: str
    type: str
    #: The path of the value in the snapshot.
    path: tuple[str, ...]
    #: The field in a sentence: "its fulfilment method".
    phrase: str
    #: The store's list that holds its values: "order_status".
    choices: str | None = None
    #: The kind of record its ids refer to: "account" or "store".
    reference: str | None = None
    can_be_empty: bool = True
    help: str = ""
    #: Labels by key, for a choice whose list is the same in every store and for yes and no.
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: Computed from other records and not stored, so no query can filter by it.
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
        """Whether the field belongs to the record itself and so changes with it."""
        return not self.key.startswith((NOW, CUSTOMER))

    def value(self, snapshot: Mapping[str, object]) -> Value | None:
        """Return the typed value in a snapshot, None if missing. Raises UnreadableFact if it does not fit."""
        value: Any = snapshot
        try:
            for step in self.path:
                value = value.get(step)
                if value is None:
                    return None
        except AttributeError:
            raise UnreadableFact(self, "is where the record holds no details") from None
        try:
            typed = read(self.type, value)
        except InvalidValue as problem:
            raise UnreadableFact(self, problem) from None
        return self.in_its_currency(typed, snapshot) if STORE_CURRENCY in snapshot else typed

    def in_its_currency(self, value: Value | None, snapshot: Mapping[str, object]) -> Value | None:
        """Return a value of a record, an amount with the record's currency where that is not the store's."""
        if not isinstance(value, Decimal) or not self.is_amount_of_record:
            return value
        currency, compared_in = snapshot.get("currency"), snapshot.get(STORE_CURRENCY)
        if currency == compared_in or not isinstance(compared_in, str):
            return value
        return ForeignAmount(value, str(currency), compared_in)

    @property
    def is_amount_of_record(self) -> bool:
        """Whether it is an amount in the record's own currency; what a customer spent is in the store's."""
        return self.type == "money" and self.own


@dataclass(frozen=True)
class TriggerKind:
    """A kind of occurrence that can start an automation."""

    key: str
    label: str
    note: str
    #: The words after the subject in a sentence: " is created", "’s status changes".
    phrase: str
    #: The store's list that holds the choices for from and to.
    choices: str | None = None
    #: The field that from and to apply to, if the occurrence does not carry these values itself.
    narrows: str | None = None
    #: Whether the trigger may name a field; without one, any change fires it.
    needs_field: bool = False
    #: The form of `trigger.schedule`: "date_reached", "stays_in_status" or "scheduled".
    schedule: str | None = None
    #: The key under which it must name a segment: "to" (entered) or "from" (left).
    segment: str | None = None
    #: The columns whose change sets it off.
    watches: tuple[str, ...] = ()
    #: A change of what it watches is kept as an occurrence of its name; without, it listens to any update.
    named: bool = False
    #: One and many of what sets it off, as they are counted; empty for what a person sets off.
    counted: tuple[str, str] = ("", "")

    def changed_field(self, chosen: str | None) -> str | None:
        """Return the key of the field whose change sets it off, where it is one; `chosen` is the rule's."""
        return self.watches[0] if self.named else self.narrows or chosen


@dataclass(frozen=True)
class Subject:
    """A kind of record that an automation watches."""

    key: str
    label: str
    plural: str
    fields: Mapping[str, Field]
    triggers: Mapping[str, TriggerKind]
    #: Its position in a list of subjects.
    place: int = 9
    #: The fields that conditions on its lines can test.
    line_fields: Mapping[str, Field] = field(default_factory=dict)
    #: What its records keep or are shown with, asked about by conditions or not.
    stored: Mapping[str, Field] = field(default_factory=dict)

    def placed(self, where: str) -> list[tuple[Field, Stored]]:
        """The stored fields that appear `where` ("form", "api", see Stored), in the order they have there."""
        stored_entries = [(entry, entry.stored) for entry in self.stored.values() if entry.stored]
        places = {entry.key: getattr(stored, where) for entry, stored in stored_entries}
        present = [(entry, stored) for entry, stored in stored_entries if places[entry.key] is not None]
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
        """The columns of texts that people write freely, and that may name a customer."""
        return tuple(column for column, entry in self.columns.items() if entry.type in TEXTS and entry.stored)

    def operators_for(self, field: Field | str) -> list[Operator]:
        """Return the operators for a field (or the key of one), in the order of the dropdown."""
        entry = self.any_field(field) if isinstance(field, str) else field
        offered = [operator for operator in OPERATORS.values() if entry.type in operator.types]
        if not entry.own:
            offered = [operator for operator in offered if operator.derives not in ("from", "to")]
        if entry.key.startswith(NOW):
            offered = [operator for operator in offered if operator.key in _OF_THE_MOMENT]
        return [operator for operator in offered if entry.can_be_empty or operator.key not in EMPTINESS]

    def any_field(self, key: str) -> Field:
        """Return the field of the record or of its lines with this key. Raises KeyError."""
        return self.fields[key] if key in self.fields else self.line_fields[key]

    def with_custom(self, custom: Mapping[str, Field] | None) -> Subject:
        """Return the subject with the store's custom fields, given by key ("custom.colour")."""
        return replace(self, fields={**self.fields, **custom}) if custom else self

    @property
    def custom(self) -> dict[str, Field]:
        """The store's custom fields by key."""
        return {key: field for key, field in self.fields.items() if key.startswith(CUSTOM)}

    @property
    def changing(self) -> list[Field]:
        """The fields that the trigger "Field changed" can name."""
        return [field for field in self.fields.values() if field.own]

    @property
    def dates(self) -> list[Field]:
        """The date fields of the record from which a "Date reached" trigger can count."""
        return [
            field for field in self.changing if field.type in ("date", "datetime") and not field.worked_out
        ]

    @property
    def statuses(self) -> list[Field]:
        """The status fields that a "Stays in a status" trigger can watch."""
        return [field for field in self.changing if field.type == "choice" and field.key.endswith("status")]


_OF_THE_MOMENT = frozenset({"equals", "not_equals", "greater_than", "less_than", "at_least", "at_most"}) | {
    "between",
    "is_one_of",
    "is_none_of",
}


def by_key(fields: Iterable[Field]) -> dict[str, Field]:
    """Return the fields by key, in the same order."""
    return {field.key: field for field in fields}


def asked(fields: Iterable[Field]) -> dict[str, Field]:
    """Those that conditions may ask about, by key."""
    return by_key(field for field in fields if field.asked)


def kept(fields: Iterable[Field]) -> dict[str, Field]:
    """Those that a record keeps or is shown with, by key."""
    return by_key(field for field in fields if field.stored)
