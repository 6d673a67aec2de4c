"""Every field a message can use: one table for the check, the context and the "insert a field" menu."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from automations.engine.subject import CUSTOM
from automations.engine.subject import Field as RecordField
from automations.messages.shapes import Field, Group, ListOf, Shape

_LINE = Group(
    "Line",
    {
        "name": Field("Product"),
        "sku": Field("SKU"),
        "category": Field("Category"),
        "quantity": Field("Quantity", "number"),
        "unit_price": Field("Unit price", "money"),
    },
)
_MONEY: dict[str, Shape] = {
    "total": Field("Total", "money"),
    "amount_paid": Field("Amount paid", "money"),
    "balance_due": Field("Balance due", "money"),
    "currency": Field("Currency"),
}
_NOTES: dict[str, Shape] = {"note": Field("Note"), "tags": ListOf("Tags", "tag", Field("Tag"))}
ORDER = Group(
    "Order",
    {
        "number": Field("Number"),
        "status": Field("Status", "choice", "order_status"),
        "payment_status": Field("Payment status", "choice", "payment_status"),
        "order_type": Field("Order type", "choice", "order_type"),
        "fulfilment_method": Field("Fulfilment method", "choice", "fulfilment_method"),
        "delivery_type": Field("Delivery type", "choice", "delivery_type"),
        "delivery_status": Field("Delivery status", "choice", "delivery_status"),
        "delivery_date": Field("Delivery date", "date"),
        "storage_until": Field("Storage until", "date"),
        "placed_at": Field("Placed at", "datetime"),
        "tracking_number": Field("Tracking number"),
        "item_count": Field("Number of items", "number"),
        "source": Field("Source", "choice", "source"),
        **_MONEY,
        **_NOTES,
        "lines": ListOf("Lines", "line", _LINE),
        "id": Field("Id"),
    },
)
EVENT = Group(
    "Event",
    {
        "number": Field("Number"),
        "name": Field("Name"),
        "status": Field("Status", "choice", "event_status"),
        "payment_status": Field("Payment status", "choice", "payment_status"),
        "event_type": Field("Event type", "choice", "event_type"),
        "event_date": Field("Event date", "date"),
        "guests": Field("Number of guests", "number"),
        "budget": Field("Budget", "money"),
        **_MONEY,
        **_NOTES,
        "id": Field("Id"),
    },
)
_PERSON: dict[str, Shape] = {
    "first_name": Field("First name"),
    "last_name": Field("Last name"),
    "name": Field("Full name"),
    "email": Field("Email"),
    "phone": Field("Phone"),
    "number": Field("Number"),
    "id": Field("Id"),
}
#: The further fields of messages about the customer itself.
_KNOWN_FOR: dict[str, Shape] = {
    **_NOTES,
    "created_at": Field("Date added", "datetime"),
    "order_count": Field("Number of orders", "number"),
    "total_spent": Field("Total spent", "money"),
    "last_order_date": Field("Last order", "date"),
}
CUSTOMER = Group("Customer", _PERSON)
ACCOUNT = Group("Account", {"name": Field("Name"), "id": Field("Id")})
STORE = Group("Store", {"name": Field("Name"), "id": Field("Id")})

#: The top-level names of messages by subject.
KNOWN: Mapping[str, Mapping[str, Group]] = {
    "order": {"order": ORDER, "customer": CUSTOMER, "account": ACCOUNT, "store": STORE},
    "event": {"event": EVENT, "customer": CUSTOMER, "account": ACCOUNT, "store": STORE},
    "customer": {"customer": Group("Customer", _PERSON | _KNOWN_FOR), "account": ACCOUNT, "store": STORE},
}

#: The store's custom fields of a subject, by their key in conditions: "custom.colour".
Own = Mapping[str, RecordField]
OWN = CUSTOM.rstrip(".")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_WRITTEN = {"money": " | money", "date": ' | date: "%-d %B %Y"', "datetime": ' | date: "%-d %B %Y, %H:%M"'}


@dataclass(frozen=True)
class Snippet:
    """An entry of the menu and the text it inserts."""

    label: str
    snippet: str


@dataclass(frozen=True)
class SnippetGroup:
    """A part of the menu: "Order"."""

    label: str
    snippets: tuple[Snippet, ...]


def known(subject_key: str, own: Own | None = None) -> Mapping[str, Group]:
    """Return the top-level names of messages about a subject; empty for an unknown one."""
    names = KNOWN.get(subject_key, {})
    if not names or not own:
        return names
    record = names[subject_key]
    inner = {field.path[-1]: _shape(field) for field in own.values()}
    group = Group("Fields of your own", inner)
    return {**names, subject_key: replace(record, fields={**record.fields, OWN: group})}


def fields(subject_key: str, own: Own | None = None) -> list[SnippetGroup]:
    """Return the "insert a field" menu of a subject; empty for an unknown one."""
    groups = known(subject_key, own)
    found = [_menu(name, group) for name, group in groups.items()]
    mine = groups[subject_key].fields.get(OWN) if subject_key in groups else None
    return [*found[:1], _menu(f"{subject_key}.{OWN}", mine), *found[1:]] if isinstance(mine, Group) else found


def _shape(field: RecordField) -> Field:
    return Field(field.label, field.type, labels=field.labels if field.type == "choice" else {})


def _menu(name: str, group: Group) -> SnippetGroup:
    shown = {
        key: shape for key, shape in group.fields.items() if key != "id" and not isinstance(shape, Group)
    }
    items = (Snippet(shape.label, _snippet(_path(name, key), shape)) for key, shape in shown.items())
    return SnippetGroup(group.label, tuple(items))


def _path(name: str, key: str) -> str:
    # A key that starts with a digit would be parsed as a number.
    return f"{name}.{key}" if _PLAIN.fullmatch(key) else f'{name}["{key}"]'


def _snippet(path: str, shape: Shape) -> str:
    if isinstance(shape, Field):
        return f"{{{{ {path}{_WRITTEN.get(shape.type, '')} }}}}"
    if isinstance(shape, ListOf) and isinstance(shape.item, Group):
        return f"{{% for {shape.each} in {path} -%}}\n{_example(shape.each, shape.item)}\n{{% endfor %}}"
    return f"{{{{ {path} }}}}"


def _example(name: str, item: Group) -> str:
    if "quantity" in item.fields:
        return f"{{{{ {name}.quantity }}}} × {{{{ {name}.name }}}}"
    return f"{{{{ {name}.{next(iter(item.fields))} }}}}"
