"""Moments in which an action is prepared."""

from __future__ import annotations

from automations.actions.shared.action_kind import Situation
from automations.connectors.contacts import EmailContact
from tests.messages.samples import ORDER, order_context

ROSA = EmailContact("rosa@bloom.example", "Rosa")
ADA = EmailContact("ada@bloom.example", "Ada")
FINN = EmailContact("finn@bloom.example", "Finn")
SENDER = EmailContact("hello@bloom.example", "Bloom & Wild St")
TEAM = {"manager": [ROSA, ADA], "admin": [ADA], "viewer": [FINN], "user:3": [FINN]}

SETTINGS = {
    "to": "customer",
    "address": "",
    "subject": "Your order {{ order.number }} is {{ order.status | downcase }}",
    "message": "Hello {{ customer.first_name }},\n\nit costs {{ order.total | money }}.",
}


def situation(**order: object) -> Situation:
    return Situation("order", order_context(**order), TEAM, SENDER)


def with_customer(**changes: object) -> Situation:
    customer = ORDER["customer"]
    assert isinstance(customer, dict)
    return situation(customer={**customer, **changes})
