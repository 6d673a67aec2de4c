"""Building blocks of starters: triggers, conditions and actions as short calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations.actions import ACTIONS

#: A condition: the field, the operator and the value, or several; None where the store has to choose.
Compared = tuple[str, str, str | list[str] | None]


@dataclass(frozen=True)
class Starter:
    """One starter. `title` says what it does and when, `name` is the name of the automation."""

    key: str
    title: str
    name: str
    data: Mapping[str, Any]

    @property
    def icon(self) -> str:
        """Return the icon of its first action."""
        return ACTIONS[self.data["actions"][0]["kind"]].icon

    @property
    def asks(self) -> bool:
        """Return whether the store has to choose a value before it can be published: which account."""
        return any(condition.get("value", "") is None for condition in self.data["conditions"])

    @property
    def external(self) -> bool:
        """Return whether it contacts the customer."""
        return any(
            ACTIONS[action["kind"]].contacts_customer(action["settings"]) for action in self.data["actions"]
        )


def rule(subject: str, trigger: str, *conditions: Compared, to: str = "") -> dict[str, Any]:
    """Return rule data with a change trigger and conditions."""
    return {
        "subject": subject,
        "trigger": {"key": trigger, "from": None, "to": to or None},
        "conditions": [
            {"field": field, "operator": operator, "value": value} for field, operator, value in conditions
        ],
    }


def email(to: str, subject: str, message: str) -> list[dict[str, Any]]:
    """Return the list of actions with one email."""
    settings = {"to": to, "address": "", "subject": subject, "message": message}
    return [{"kind": "send_email", "settings": settings}]


def changed(field: str | None = None, to: str = "", subject: str = "order") -> dict[str, Any]:
    """Return rule data for any change of a record, or of one field."""
    trigger = {"key": "field_changed", "from": None, "to": to or None}
    return {"subject": subject, "trigger": trigger | ({"field": field} if field else {}), "conditions": []}


def either(starter_rule: dict[str, Any]) -> dict[str, Any]:
    """Return the same rule with its conditions as alternatives."""
    return starter_rule | {"conditions": [{"match": "any", "conditions": starter_rule["conditions"]}]}


def timed(subject: str, key: str, *conditions: Compared, **schedule: str) -> dict[str, Any]:
    """Return rule data with a time trigger and conditions."""
    made = rule(subject, key, *conditions)
    return made | {"trigger": made["trigger"] | {"schedule": schedule}}


def sms(message: str) -> dict[str, Any]:
    """Return a text message to the customer."""
    return {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": message}}


def task(title: str, amount: str = "1", unit: str = "days", checklist: str = "") -> dict[str, Any]:
    """Return a task for the managers."""
    settings = {"title": title, "description": "", "checklist": checklist, "assignee": "manager"}
    due = {"due_from": "now", "due_amount": amount, "due_unit": unit, "due_direction": "after"}
    return {"kind": "create_task", "settings": settings | due | {"priority": "normal"}}


def marketing(channel: str, message: str, subject: str = "") -> dict[str, Any]:
    """Return a marketing message, which goes only to customers with consent."""
    return {
        "kind": "send_marketing",
        "settings": {"channel": channel, "subject": subject, "message": message},
    }


def notice(to: str, title: str, message: str) -> dict[str, Any]:
    """Return a notification in the app."""
    return {"kind": "notify", "settings": {"to": to, "title": title, "message": message, "also": ""}}


def change(field: str, value: str) -> dict[str, Any]:
    """Return a change of the record or its customer."""
    return {"kind": "change_data", "settings": {"field": field, "value": value}}


def request(url: str, headers: str, body: str) -> dict[str, Any]:
    """Return an HTTP request with a JSON body."""
    settings = {"method": "POST", "url": url, "headers": headers, "body_kind": "json", "body": body}
    return {
        "kind": "http_request",
        "settings": settings | {"signed_with": "", "status": "", "answer_path": "", "answer_value": ""},
    }


#: What the store's lists call paid in full, paid back, and events that are agreed and still to come.
PAID = ["paid", "over_paid"]
REFUNDED = ["refunded", "partially_refunded"]
AGREED = ["quote_accepted", "order_finalisation", "order_created"]

#: Starters read well for a customer without a name and an order without a date: see tests/features/starters.
HELLO = "Hello{% if customer.name %} {{ customer.first_name | default: customer.name }}{% endif %},\n\n"
BYE = "\n\nKind regards\n{{ store.name }}"
EVENT_NAME = '{{ event.name | default: "An event" }}'
_WHOSE = "{% if customer.name %}, {{ customer.name }}{% endif %}."
ORDER_LINK = "Order {{ order.number }}{% if order.total > 0 %}, {{ order.total | money }}{% endif %}" + _WHOSE
EVENT_LINK = EVENT_NAME + " ({{ event.number }})" + _WHOSE
