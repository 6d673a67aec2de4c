"""The parts of the form of an order that are forms themselves: its address, parcels and lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from wtforms import Form, FormField, StringField, TextAreaField
from wtforms.validators import Optional

from automations.engine.fields.order_delivery import ADDRESS, LONGEST
from automations.pipeline.intake.composite_types import MOST_OF_ONE
from automations.web.kit.short_enough import ShortEnough
from automations.web.records.left_alone import left_alone, one_break
from automations.web.records.record_form_fields import ChoiceField, MoneyField, QuantityField

#: Empty rows that stand ready below the parcels of an order.
SPARE_PARCELS = 1
LONGEST_NAME = 200


def _text(label: str, longest: int, is_long: bool = False) -> Any:
    if is_long:
        return TextAreaField(label, [Optional(), ShortEnough(longest)], render_kw={"rows": 2})
    return StringField(label, [Optional(), ShortEnough(longest)], render_kw={"autocomplete": "off"})


#: The form of an address, with a control for each of its parts.
AddressForm: type[Form] = type(
    "AddressForm",
    (Form,),
    {key: _text(label, LONGEST[key], is_long=key == "street") for key, label in ADDRESS.items()},
)


class ParcelForm(Form):
    carrier = _text("Carrier", LONGEST_NAME)
    tracking_number = _text("Tracking number", LONGEST_NAME)
    status = ChoiceField("Status", "delivery_status")

    def is_blank(self) -> bool:
        return not any((field.data or "").strip() for field in self)

    def values(self) -> dict[str, Any]:
        texts = {name: (self[name].data or "").strip() for name in ("carrier", "tracking_number")}
        return texts | {"status": self.status.data or None}

    def touched(self, drawn: Form) -> list[str]:
        """Return the names of the parts that differ from what the order put there."""
        return [field.short_name for field in self if not left_alone(field, drawn[field.short_name])]


class LineForm(Form):
    sku = _text("SKU", LONGEST_NAME)
    name = _text("Name", LONGEST_NAME)
    category = _text("Category", LONGEST_NAME)
    quantity = QuantityField("Quantity", MOST_OF_ONE)
    unit_price = MoneyField("Unit price")

    def is_blank(self) -> bool:
        return not any(field.data for field in self)

    def values(self) -> dict[str, Any]:
        texts = {name: (self[name].data or "").strip() for name in ("sku", "name", "category")}
        price = self.unit_price.data or Decimal("0.00")
        quantity = 1 if self.quantity.data is None else self.quantity.data
        return texts | {"quantity": quantity, "unit_price": str(price)}


def address_of(
    entry: FormField, kept: Mapping[str, str] | None, drawn: FormField | None
) -> dict[str, str] | None:
    """Return the address as it was sent, with the parts that nobody touched as they are; None if empty."""
    old, parts = kept or {}, dict[str, str]()
    for field in entry.form:
        key = field.short_name
        alone = drawn is not None and left_alone(field, drawn.form[key])
        parts[key] = old.get(key, "") if alone else one_break(field.data or "").strip()
    return {key: text for key, text in parts.items() if text} or None


def parcels_of(
    entries: Iterable[FormField], kept: Sequence[Mapping[str, Any]], drawn: Sequence[FormField]
) -> list[dict[str, Any]] | None:
    """Return the parcels as they were sent, with what nobody touched as it is; None without any.

    `drawn` are the parcels as the order puts them into the form, none for a new order.
    """
    return [*_parcels(entries, kept, drawn)] or None


def _parcels(
    entries: Iterable[FormField], kept: Sequence[Mapping[str, Any]], drawn: Sequence[FormField]
) -> Iterator[dict[str, Any]]:
    for entry in entries:
        place, sent = int(entry.name.rpartition("-")[2]), entry.form.values()
        if place >= min(len(kept), len(drawn)):
            if not entry.form.is_blank():
                yield sent
            continue
        touched = entry.form.touched(drawn[place].form)
        if not touched:
            yield dict(kept[place])
        elif not entry.form.is_blank():
            # When the carrier said something is about the number and status that it said it of.
            unsaid = {"said_at"} if {"tracking_number", "status"}.intersection(touched) else set()
            old = {name: value for name, value in kept[place].items() if name not in unsaid}
            yield old | {name: sent[name] for name in touched}
