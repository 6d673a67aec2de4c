"""A database with so many automations live, and the bodies of orders, one in ten of which fires one."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from flask import Flask

from automations.features.authoring import publish
from automations.features.authoring.publish import OPEN_END
from automations.models.access import api_keys
from automations.models.db import schema
from automations.models.db.base import write
from automations.models.settings.choices import add_defaults
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.customer import Account, Customer
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
CUSTOMERS = 200
FIRES_EVERY = 10
LINES = [
    {"sku": "ROSE-12", "name": "Twelve roses", "category": "bouquet", "quantity": 2, "unit_price": "34.00"},
    {"sku": "VASE-3", "name": "Glass vase", "category": "extra", "quantity": 1, "unit_price": "18.50"},
]


def prepare(app: Flask, automations: int, request_to: str = "", mixed: bool = False) -> str:
    """Make the schema, a store, its customers and automations; returns the secret of an API key.

    The automations send emails, or requests to `request_to`. Of `mixed` ones three in ten have an or-group,
    one in ten a condition on lines and one in ten one on the customer.
    """
    with app.app_context():
        schema.upgrade()
        with write() as session:
            store = Store(name="Bench & Bloom", created_at=NOW, ruleset=2)
            ada = User(email="ada@bench.example", name="Ada Quill", password_hash="x", created_at=NOW)
            session.add_all([store, ada])
            session.flush()
            session.add(Membership(user_id=ada.id, store_id=store.id, role="admin"))
            add_defaults(session, store)
            _, secret = api_keys.create(session, store, "Bench till", "write", ada, NOW)
            session.add_all(_customer(store.id, place) for place in range(CUSTOMERS))
            session.add_all(
                Account(store_id=store.id, name=f"Account {n}", created_at=NOW) for n in range(50)
            )
            definitions = [_definition(place, request_to, mixed) for place in range(1, automations + 1)]
            _add_automations(session, store.id, ada.id, definitions)
    return secret


def order(number: str, place: int) -> dict[str, Any]:
    """The body of one order, different for each `place`."""
    return {
        "number": number,
        "status": "Confirmed",
        "payment_status": "Paid" if place % FIRES_EVERY == 0 else "Unpaid",
        "order_type": ("Gift", "Funeral", "Corporate")[place % 3],
        "fulfilment_method": ("Delivery", "Collection")[
            place // FIRES_EVERY % 2 if place % FIRES_EVERY else 0
        ],
        "total": f"{20 + place % 180}.{place % 100:02d}",
        "amount_paid": "0.00",
        "delivery_date": f"2026-12-{place % 28 + 1:02d}",
        "source": "Web",
        "tags": ["vip", f"week-{place % 52}"],
        "customer": {"number": f"C-{place % CUSTOMERS}"},
        "lines": LINES,
        "note": f"Leave with the neighbour at number {place}",
    }


def body(first: int, count: int, prefix: str) -> bytes:
    """One order, or a list of them."""
    orders = [order(f"{prefix}{place}", place) for place in range(first, first + count)]
    return json.dumps(orders if count > 1 else orders[0]).encode()


def _customer(store_id: int, place: int) -> Customer:
    made = Customer(store_id=store_id, number=f"C-{place}", first_name="Anna", last_name=f"Petrova {place}")
    made.email, made.phone = f"anna{place}@bench.example", "+44 20 7946 0958"
    made.created_at = made.updated_at = NOW
    return made


def _add_automations(
    session: sa.orm.Session, store_id: int, user_id: int, definitions: list[dict[str, Any]]
) -> None:
    """The first one fires on each paid delivery; the others each wait for something that never comes."""
    for place, data in enumerate(definitions, 1):
        common = {"store_id": store_id, "subject": "order", "trigger": "created"}
        automation = {
            "store_id": store_id,
            "name": f"Automation {place}",
            "draft": data,
            "created_by": user_id,
        }
        # A build from before automations were held has no such column.
        if "hold_off" in Automation.__table__.c:
            automation["hold_off"] = "It is measured with far more orders than any past."
        automation |= {"id": place, "position": place, "created_at": NOW, "updated_at": NOW}
        version = common | {"id": place, "automation_id": place, "number": 1, "name": f"Automation {place}"}
        traits = [publish.traits_of(action) for action in data["actions"]]
        version |= {"definition": data, "action_traits": traits, "published_at": NOW, "published_by": user_id}
        session.execute(sa.insert(Automation), automation)
        session.execute(sa.insert(Version), version)
        listening = common | {"version_id": place, "from_ruleset": 2, "until_ruleset": OPEN_END}
        session.execute(sa.insert(Listening), listening | {"started_at": NOW})
    live = {"active_version_id": Automation.id, "latest_version_id": Automation.id}
    session.execute(sa.update(Automation).values(live))


def conditions(place: int) -> list[tuple[str, str, str]]:
    """(field, operator, value) of each condition of an automation."""
    if place == 1:
        return [("fulfilment_method", "equals", "delivery"), ("payment_status", "equals", "paid")]
    return [
        ("order_type", "equals", ("gift", "funeral", "corporate", "event")[place % 4]),
        ("account", "equals", str(place % 50 + 1)),
        ("total", "greater_than", str(200 + place % 500)),
    ]


def _definition(place: int, request_to: str, mixed: bool) -> dict[str, Any]:
    email = {"to": "customer", "address": "", "subject": "Order {{ order.number }}", "message": "Thank you"}
    request = {"method": "POST", "url": request_to, "headers": "", "body_kind": "json"}
    request |= {"body": "order = {{ order.number }}"}
    action = {"kind": "http_request", "settings": request} if request_to else None
    nodes = [_condition(*one) for one in conditions(place)]
    return {
        "subject": "order",
        "trigger": {"key": "created", "from": None, "to": None},
        "conditions": _mixed(place, nodes) if mixed and place > 1 else nodes,
        "actions": [action or {"kind": "send_email", "settings": email}],
    }


def _mixed(place: int, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if place % 10 < 3:
        return [nodes[0], {"match": "any", "conditions": nodes[1:]}]
    if place % 10 == 3:
        category = _condition("line.category", "equals", f"Category {place % 30}")
        return [*nodes, {"match": "line", "lines": "any", "conditions": [category]}]
    if place % 10 == 4:
        return [*nodes, _condition("customer.tags", "contains", f"group {place % 20}")]
    return nodes


def _condition(field: str, operator: str, value: str) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}
