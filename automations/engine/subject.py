"""What a subject is made of: fields, kinds of trigger, and the operators each field is offered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.operators import EMPTINESS, OPERATORS, Operator
from automations.engine.values import InvalidValue, Value, read

#: The value before and after the change, by which a trigger is narrowed; facts beside the fields.
CHANGE_FROM = "change.from"
CHANGE_TO = "change.to"


class UnreadableFact(InvalidValue):
    """A stored value that does not fit its field; `field` names it, `str(e)` is a sentence."""

    def __init__(self, field: Field, problem: object) -> None:
        super().__init__(f"{field.label} {problem}.")
        self.field = field.key


@dataclass(frozen=True)
class Field:
    """One thing a condition may look at."""

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

    def operators_for(self, field: Field | str) -> list[Operator]:
        """The operators the field (or its key) is offered, in the order of the dropdown."""
        entry = self.fields[field] if isinstance(field, str) else field
        offered = [one for one in OPERATORS.values() if entry.type in one.types]
        return [one for one in offered if entry.can_be_empty or one.key not in EMPTINESS]

    def facts(self, snapshot: Mapping[str, object], only: Collection[str] | None) -> dict[str, Value | None]:
        """The typed values by field key; of all fields, or of `only` those."""
        fields = self.fields
        keys: Iterable[str] = fields if only is None else only
        return {key: fields[key].value(snapshot) for key in keys if key in fields}


def by_key(fields: Iterable[Field]) -> dict[str, Field]:
    """The fields as a mapping that keeps their order."""
    return {field.key: field for field in fields}


def changes(noun: str, status: str) -> dict[str, TriggerKind]:
    """The three triggers of a record that has a status (from the list `status`) and a payment status."""
    created = TriggerKind("created", "Created", f"Fires once, when {noun} first exists.", " is created")
    kinds = (
        created,
        TriggerKind(
            "status_changed",
            "Status changed",
            "Fires every time the status changes, not just once.",
            "’s status changes",
            status,
        ),
        TriggerKind(
            "payment_status_changed",
            "Payment status changed",
            "Fires every time the payment status changes, not just once.",
            "’s payment status changes",
            "payment_status",
        ),
    )
    return {kind.key: kind for kind in kinds}
