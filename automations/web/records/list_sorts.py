"""By which columns the lists of records can be sorted; each has an index that ends with the id."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from automations.models.tables.customer import Account, Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.web.kit.sorting import Heading, Headings

SORTS: Mapping[str, Headings] = {
    "orders": {
        "number": Heading("Order", Order.id, "id"),
        "placed": Heading("Placed", Order.placed_at, "instant"),
        "delivery": Heading("Delivery date", Order.delivery_date, "day", can_be_empty=True),
        "total": Heading("Total", Order.total, "money"),
    },
    "events": {
        "number": Heading("Event", Event.id, "id"),
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
