"""Every field a message can use: one table for the check, the context and the "insert a field" menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from automations.engine.fields import stored
from automations.engine.fields.order_delivery import ADDRESS_PARTS
from automations.engine.fields.subject import CUSTOM, Subject
from automations.engine.fields.subject import Field as RecordField
from automations.engine.fields.subjects import SUBJECTS
from automations.messages.path_spelling import spelled
from automations.messages.value_shapes import FieldShape, GroupShape, ListOf, Shape

_LINE = GroupShape(
    "Line",
    {
        "name": FieldShape("Product"),
        "sku": FieldShape("SKU"),
        "category": FieldShape("Category"),
        "quantity": FieldShape("Quantity", "number"),
        "unit_price": FieldShape("Unit price", "money"),
    },
)
_PARCEL = GroupShape(
    "Parcel",
    {
        "carrier": FieldShape("Carrier"),
        "tracking_number": FieldShape("Tracking number"),
        "status": FieldShape("Status", "choice", "delivery_status"),
    },
)
_PARTS: Mapping[str, Shape] = {
    stored.ADDRESS: GroupShape(
        "Delivery address",
        {field.path[-1]: FieldShape(field.label) for field in ADDRESS_PARTS},
        optional=True,
    ),
    stored.PARCELS: ListOf("Parcels", "parcel", _PARCEL),
    "tags": ListOf("Tags", "tag", FieldShape("Tag")),
    stored.LINES: ListOf("Lines", "line", _LINE),
}
#: Types that a message shows as text.
_TEXTS = (stored.ID, stored.NUMBER, stored.CURRENCY, "time")
ACCOUNT = GroupShape("Account", {"name": FieldShape("Name"), "id": FieldShape("Id")})
STORE = GroupShape("Store", {"name": FieldShape("Name"), "id": FieldShape("Id")})


def _shapes(subject_key: str, in_record: bool = False) -> dict[str, Shape]:
    """Return the stored fields that messages show, by key.

    `in_record` leaves out those of a customer that only messages about the customer show.
    """
    placed = SUBJECTS[subject_key].placed("message")
    return {entry.key: _kept(entry) for entry, places in placed if places.with_records or not in_record}


def _kept(entry: RecordField) -> Shape:
    type = "text" if entry.type in _TEXTS else entry.type
    if entry.key == "carriers":
        return ListOf(entry.label, "carrier", FieldShape("Carrier"))
    return _PARTS.get(type) or FieldShape(entry.label, type, entry.choices or "")


def _groups(subject: Subject) -> dict[str, GroupShape]:
    groups = {subject.key: GroupShape(subject.label, _shapes(subject.key))}
    if stored.PERSON in {entry.type for entry in subject.stored.values()}:
        groups["customer"] = GroupShape("Customer", _shapes("customer", in_record=True))
    return groups | {"account": ACCOUNT, "store": STORE}


#: Per subject the top-level names of its messages.
KNOWN: Mapping[str, Mapping[str, GroupShape]] = {key: _groups(subject) for key, subject in SUBJECTS.items()}

#: The store's custom fields of a subject, by their key in conditions: "custom.colour".
Own = Mapping[str, RecordField]
OWN = CUSTOM.rstrip(".")

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


def known(subject_key: str, own: Own | None = None) -> Mapping[str, GroupShape]:
    """Return the top-level names of messages about a subject; empty for an unknown one."""
    names = KNOWN.get(subject_key, {})
    if not names or not own:
        return names
    record = names[subject_key]
    inner = {field.path[-1]: _shape(field) for field in own.values()}
    group = GroupShape("Custom fields", inner)
    return {**names, subject_key: replace(record, fields={**record.fields, OWN: group})}


def fields(subject_key: str, own: Own | None = None) -> list[SnippetGroup]:
    """Return the "insert a field" menu of a subject; empty for an unknown one."""
    groups = known(subject_key, own)
    menus = [_menu(name, group) for name, group in groups.items()]
    inner = groups[subject_key].fields if subject_key in groups else {}
    within = [
        _menu(f"{subject_key}.{name}", group, hidden="")
        for name, group in inner.items()
        if isinstance(group, GroupShape)
    ]
    return [*menus[:1], *within, *menus[1:]]


def _shape(field: RecordField) -> FieldShape:
    return FieldShape(field.label, field.type, labels=field.labels if field.type == "choice" else {})


def _menu(name: str, group: GroupShape, hidden: str = "id") -> SnippetGroup:
    """Return a part of the menu without the ids of our records; a store's own field may be called Id."""
    shown = {
        key: shape
        for key, shape in group.fields.items()
        if key != hidden and not isinstance(shape, GroupShape)
    }
    items = (Snippet(shape.label, _snippet(spelled(name, key), shape)) for key, shape in shown.items())
    return SnippetGroup(group.label, tuple(items))


def _snippet(path: str, shape: Shape) -> str:
    if isinstance(shape, FieldShape):
        return f"{{{{ {path}{_WRITTEN.get(shape.type, '')} }}}}"
    if isinstance(shape, ListOf) and isinstance(shape.item, GroupShape):
        return f"{{% for {shape.each} in {path} -%}}\n{_example(shape.each, shape.item)}\n{{% endfor %}}"
    return f"{{{{ {path} }}}}"


def _example(name: str, item: GroupShape) -> str:
    if "quantity" in item.fields:
        return f"{{{{ {name}.quantity }}}} x {{{{ {name}.name }}}}"
    return f"{{{{ {name}.{next(iter(item.fields))} }}}}"
