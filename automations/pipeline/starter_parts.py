"""What the starters are made of: triggers, conditions and actions in few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations.actions import ACTIONS


@dataclass(frozen=True)
class Starter:
    """One example. `title` is the request in the shop's words, `name` what the automation is called."""

    key: str
    title: str
    name: str
    data: Mapping[str, Any]

    @property
    def icon(self) -> str:
        """That of its first action."""
        return ACTIONS[self.data["actions"][0]["kind"]].icon

    @property
    def external(self) -> bool:
        """Whether it writes to the customer."""
        return any(ACTIONS[one["kind"]].contacts_customer(one["settings"]) for one in self.data["actions"])


def rule(
    subject: str, trigger: str, *conditions: tuple[str, str, str | None], to: str = ""
) -> dict[str, Any]:
    """A trigger of a change, and conditions."""
    return {
        "subject": subject,
        "trigger": {"key": trigger, "from": None, "to": to or None},
        "conditions": [
            {"field": field, "operator": operator, "value": value} for field, operator, value in conditions
        ],
    }


def email(to: str, subject: str, message: str) -> list[dict[str, Any]]:
    """An email, as the only action."""
    settings = {"to": to, "address": "", "subject": subject, "message": message}
    return [{"kind": "send_email", "settings": settings}]


def changed(field: str | None = None, to: str = "", subject: str = "order") -> dict[str, Any]:
    """Any change of a record, or of one field."""
    trigger = {"key": "field_changed", "from": None, "to": to or None}
    return {"subject": subject, "trigger": trigger | ({"field": field} if field else {}), "conditions": []}


def either(starter_rule: dict[str, Any]) -> dict[str, Any]:
    """The same rule, of whose conditions one is enough."""
    return starter_rule | {"conditions": [{"match": "any", "conditions": starter_rule["conditions"]}]}


def timed(
    subject: str, key: str, *conditions: tuple[str, str, str | None], **schedule: str
) -> dict[str, Any]:
    """A time trigger, and conditions."""
    made = rule(subject, key, *conditions)
    return made | {"trigger": made["trigger"] | {"schedule": schedule}}


def sms(message: str) -> dict[str, Any]:
    """A text message to the customer."""
    return {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": message}}


def task(title: str, amount: str = "1", unit: str = "days", checklist: str = "") -> dict[str, Any]:
    """A task for the managers."""
    settings = {"title": title, "description": "", "checklist": checklist, "assignee": "manager"}
    due = {"due_from": "now", "due_amount": amount, "due_unit": unit, "due_direction": "after"}
    return {"kind": "create_task", "settings": settings | due | {"priority": "normal"}}


def marketing(channel: str, message: str, subject: str = "") -> dict[str, Any]:
    """Marketing, to whom agreed to it."""
    return {
        "kind": "send_marketing",
        "settings": {"channel": channel, "subject": subject, "message": message},
    }


def notice(to: str, title: str, message: str) -> dict[str, Any]:
    """A notice in the app."""
    return {"kind": "notify", "settings": {"to": to, "title": title, "message": message, "also": ""}}


def change(field: str, value: str) -> dict[str, Any]:
    """A change of the record or its customer."""
    return {"kind": "change_data", "settings": {"field": field, "value": value}}


def request(url: str, headers: str, body: str) -> dict[str, Any]:
    """A JSON request."""
    settings = {"method": "POST", "url": url, "headers": headers, "body_kind": "json", "body": body}
    return {
        "kind": "http_request",
        "settings": settings | {"signed_with": "", "status": "", "answer_path": "", "answer_value": ""},
    }


HELLO = "Hello {{ customer.first_name | default: customer.name }},\n\n"
BYE = "\n\nKind regards\n{{ store.name }}"
ORDER_LINK = "Order {{ order.number }}, {{ order.total | money }}, {{ customer.name }}."
EVENT_LINK = "{{ event.name }} ({{ event.number }}), {{ customer.name }}."
