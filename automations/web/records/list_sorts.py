"""By which columns the lists of records can be sorted; each has an index that ends with the id."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import sqlalchemy as sa

from automations.models.tables.customer import Account, Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.web.kit.choice_walk import ChoiceWalk
from automations.web.kit.sorting import Heading, Headings
from automations.web.records.customer_walk import CustomerWalk
from automations.web.records.kind_pages import store_words


def _choices(list_key: str) -> list[str]:
    return store_words().choices(list_key)


def _status(model: type[Order] | type[Event], list_key: str) -> Heading:
    walk = ChoiceWalk(model.status, partial(_choices, list_key))
    return Heading("Status", model.status, "choice", walk=walk)


def _payment(model: type[Order] | type[Event]) -> Heading:
    walk = ChoiceWalk(model.payment_status, partial(_choices, "payment_status"))
    return Heading("Payment status", model.payment_status, "choice", walk=walk)


def _customer(model: type[Order] | type[Event]) -> Heading:
    return Heading("Customer’s last name", model.customer_id, "text", can_be_empty=True, walk=CustomerWalk())


SORTS: Mapping[str, Headings] = {
    "orders": {
        "number": Heading("Order", Order.id, "id"),
        "customer": _customer(Order),
        "status": _status(Order, "order_status"),
        "payment": _payment(Order),
        "placed": Heading("Placed", Order.placed_at, "instant"),
        "delivery": Heading("Delivery date", Order.delivery_date, "day", can_be_empty=True),
        "total": Heading("Total", Order.total, "money"),
    },
    "events": {
        "number": Heading("Event", Event.id, "id"),
        "customer": _customer(Event),
        "status": _status(Event, "event_status"),
        "payment": _payment(Event),
        "type": Heading("Type", Event.event_type, "text", can_be_empty=True),
        "date": Heading("Event date", Event.event_date, "day", can_be_empty=True),
        "total": Heading("Total", Event.total, "money"),
    },
    "customers": {
        "name": Heading("Last name", sa.func.lower(Customer.last_name), "text"),
        "email": Heading("Email", sa.func.lower(Customer.email), "text"),
        "created": Heading("Customer since", Customer.created_at, "instant"),
    },
}
ACCOUNTS: Headings = {
    "name": Heading("Account", sa.func.lower(Account.name), "text"),
    "created": Heading("Since", Account.id, "id"),
}
