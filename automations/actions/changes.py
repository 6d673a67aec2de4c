"""The fields that change_data may change: one table for the form, check, summary and effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from automations.engine.subject import CUSTOM, Field

Operation = Literal["set", "append", "add", "remove"]


@dataclass(frozen=True)
class Target:
    """One field that can be changed. `record` is "record" for the order or event itself, or "customer"."""

    key: str
    label: str
    column: str
    subjects: tuple[str, ...]
    record: Literal["record", "customer"] = "record"
    operation: Operation = "set"
    type: str = "text"
    #: Subject -> the list a choice comes from.
    choices: Mapping[str, str] | None = None
    #: The custom field it sets, if any.
    own: Field | None = None

    def list_for(self, subject: str) -> str:
        return (self.choices or {}).get(subject, "")


#: The column that holds the values of the custom fields.
OWN = CUSTOM.rstrip(".")
CONSENT = "customer.marketing_consent"
#: The accepted words for a yes-or-no value.
YES_NO = {"yes": True, "given": True, "no": False, "not given": False}
_BOTH = ("order", "event")
_ALL = ("order", "event", "customer")
_STATUS = {"order": "order_status", "event": "event_status"}


def _choice(column: str, label: str, *subjects: str) -> Target:
    lists = _STATUS if column == "status" else dict.fromkeys(subjects, column)
    return Target(column, label, column, subjects, type="choice", choices=lists)


def _customer(column: str, label: str) -> Target:
    return Target(f"customer.{column}", f"Customer: {label}", column, _ALL, "customer")


_TARGETS = (
    _choice("status", "Status", *_BOTH),
    _choice("payment_status", "Payment status", *_BOTH),
    _choice("order_type", "Order type", "order"),
    _choice("event_type", "Event type", "event"),
    _choice("fulfilment_method", "Fulfilment method", "order"),
    _choice("delivery_type", "Delivery type", "order"),
    _choice("delivery_status", "Delivery status", "order"),
    Target("delivery_date", "Delivery date", "delivery_date", ("order",), type="date"),
    Target("storage_until", "Storage until", "storage_until", ("order",), type="date"),
    Target("event_date", "Event date", "event_date", ("event",), type="date"),
    Target("storage_until", "Storage until", "storage_until", ("order",), type="date"),
    Target("tracking_number", "Tracking number", "tracking_number", ("order",)),
    Target("note", "Add to the note", "note", _BOTH, operation="append"),
    Target("tags.add", "Add a tag", "tags", _BOTH, operation="add", type="tag"),
    Target("tags.remove", "Remove a tag", "tags", _BOTH, operation="remove", type="tag"),
    _customer("first_name", "first name"),
    _customer("last_name", "last name"),
    Target("customer.email", "Customer: email", "email", _ALL, "customer", type="email"),
    _customer("phone", "phone"),
    Target(CONSENT, "Customer: marketing consent", "marketing_consent", _ALL, "customer", type="bool"),
    Target("customer.note", "Customer: add to the note", "note", _ALL, "customer", "append"),
    Target("customer.tags.add", "Customer: add a tag", "tags", _ALL, "customer", "add", "tag"),
    Target("customer.tags.remove", "Customer: remove a tag", "tags", _ALL, "customer", "remove", "tag"),
)

TARGETS: Mapping[str, Target] = {target.key: target for target in _TARGETS}


def targets_of(subject: str, custom: Mapping[str, Field] | None = None) -> dict[str, Target]:
    """Return what an automation about `subject` may change, by key, including its custom fields."""
    found = {key: target for key, target in TARGETS.items() if subject in target.subjects}
    return found | {key: _own(key, field, subject) for key, field in (custom or {}).items()}


def _own(key: str, field: Field, subject: str) -> Target:
    return Target(key, field.label, OWN, (subject,), type=field.type, own=field)
