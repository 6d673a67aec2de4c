"""The forms of orders, events and customers: what they show of a record, and the values they send."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional

from automations.models.choices import StoreWords
from automations.pipeline.intake_fields import NOTE
from automations.pipeline.intake_nested import EMAIL, MOST_LINES, MOST_OF_ONE, PHONE
from automations.web.fields import WholeNumberField
from automations.web.record_fields import (
    AccountField,
    ChoiceField,
    DayField,
    MoneyField,
    PersonField,
    TagsField,
    person_text,
)
from automations.web.record_kinds import Kind, Record
from automations.web.record_own_fields import own_shown, own_values, with_own

#: Empty rows that stand ready below the lines of an order.
SPARE_LINES = 2
_TEXT = {"autocomplete": "off"}


def _text(label: str, longest: int = 200, **options: Any) -> StringField:
    length = Length(max=longest, message=f"Shorten it to {longest:,} characters.")
    return StringField(label, [Optional(), length], render_kw=_TEXT, **options)


def _number(label: str, least: int, most: int, **options: Any) -> WholeNumberField:
    refusal = f"Write a whole number from {least} to {most:,}."
    options |= {"render_kw": {"inputmode": "numeric"}}
    return WholeNumberField(label, least, most, refusal, Optional(), **options)


def _note() -> TextAreaField:
    return TextAreaField(
        "Note",
        [Optional(), Length(max=NOTE, message=f"Shorten it to {NOTE:,} characters.")],
        render_kw={"rows": 3},
    )


class RecordForm(FlaskForm):
    """What all records have. `revision` is the state the person saw when they began."""

    #: Fields of the form that are columns as they are.
    plain: tuple[str, ...] = ()
    number = _text("Number", 60, description="Leave it empty and the next free one is taken.")
    revision = HiddenField()
    #: Sent twice with the same content, a new record is made once.
    once = HiddenField(default=lambda: secrets.token_hex(12))

    def validate_number(self, field: StringField) -> None:
        text = (field.data or "").strip()
        # The number is part of addresses, here and in the API; a slash or dots would lead elsewhere.
        if "/" in text or text in (".", ".."):
            raise ValidationError("Choose a number without “/” that is not only dots.")

    def offer(self, words: StoreWords) -> None:
        """Fill the lists with the store's choices."""
        for field in self:
            if isinstance(field, ChoiceField):
                field.offer(words.options(field.list_key))

    def values(self) -> dict[str, Any]:
        """Typed column values for the door; valid forms only."""
        found = {name: self[name].data for name in self.plain}
        for field in self:
            if isinstance(field, ChoiceField):
                found[field.name] = field.data or None
            elif isinstance(field, MoneyField) and field.name in found:
                found[field.name] = field.data if field.name == "budget" else field.data or Decimal("0.00")
            elif isinstance(field, TagsField):
                found[field.name] = field.data or []
            elif isinstance(field, StringField) and field.name in found:
                found[field.name] = (field.data or "").strip()
        found |= own_values(self)
        for name in ("customer", "account"):
            if name in self:
                found[f"{name}_id"] = self[name].id_found
        return found


class LineForm(Form):
    sku = _text("SKU", 80)
    name = _text("Name")
    category = _text("Category", 80)
    quantity = _number("Quantity", 0, MOST_OF_ONE)
    unit_price = MoneyField("Unit price")

    def is_blank(self) -> bool:
        return not any(field.data for field in self)


class OrderForm(RecordForm):
    plain = ("total", "amount_paid", "delivery_date", "storage_until", "tags", "note", "tracking_number")
    status = ChoiceField("Status", "order_status", required=True)
    payment_status = ChoiceField("Payment status", "payment_status", required=True)
    customer = PersonField("Customer")
    account = AccountField("Account")
    order_type = ChoiceField("Order type", "order_type")
    source = ChoiceField("Source", "source")
    fulfilment_method = ChoiceField("Fulfilment method", "fulfilment_method")
    delivery_type = ChoiceField("Delivery type", "delivery_type")
    delivery_status = ChoiceField("Delivery status", "delivery_status")
    delivery_date = DayField("Delivery date")
    storage_until = DayField("Storage until", description="The last day on which it is kept for collection.")
    tracking_number = _text("Tracking number")
    total = MoneyField("Total", description="Leave it empty and the items are added up.")
    amount_paid = MoneyField("Amount paid")
    tags = TagsField("Tags", description="With commas between them.")
    note = _note()
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)

    def add_spare_lines(self, count: int = SPARE_LINES) -> None:
        for _ in range(min(count, MOST_LINES - len(self.lines))):
            self.lines.append_entry()

    def values(self) -> dict[str, Any]:
        lines = [_line(entry.form) for entry in self.lines if not entry.form.is_blank()]
        found = super().values()
        if self.total.data is None:
            found["total"] = sum((_worth(line) for line in lines), Decimal("0.00"))
        return found | {"lines": lines, "item_count": sum(line["quantity"] for line in lines)}


class EventForm(RecordForm):
    plain = ("name", "event_date", "guests", "budget", "total", "amount_paid", "tags", "note")
    name = _text("Name", description="For example “Petrova wedding”.")
    status = ChoiceField("Status", "event_status", required=True)
    payment_status = ChoiceField("Payment status", "payment_status", required=True)
    customer = PersonField("Customer")
    account = AccountField("Account")
    event_type = ChoiceField("Event type", "event_type")
    event_date = DayField("Event date")
    guests = _number("Number of guests", 0, 1_000_000)
    budget = MoneyField("Budget")
    total = MoneyField("Total")
    amount_paid = MoneyField("Amount paid")
    tags = TagsField("Tags", description="With commas between them.")
    note = _note()


class CustomerForm(RecordForm):
    plain = ("first_name", "last_name", "email", "phone", "marketing_consent", "tags", "note")
    first_name = _text("First name")
    last_name = _text("Last name")
    email = _text("Email", EMAIL, description="Kept as you write it; what cannot be written to is skipped.")
    phone = _text("Phone", PHONE)
    marketing_consent = BooleanField("Agreed to marketing")
    account = AccountField("Account")
    tags = TagsField("Tags", description="With commas between them.")
    note = _note()

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if not any((self[name].data or "").strip() for name in ("first_name", "last_name", "email", "phone")):
            self.first_name.errors = [*self.first_name.errors, "Write a name, an email or a phone number."]
            return False
        return valid


FORMS: dict[str, type[RecordForm]] = {"order": OrderForm, "event": EventForm, "customer": CustomerForm}


def form_for(kind: Kind, words: StoreWords, record: Record | None = None, as_it_is: bool = False) -> Any:
    """Return the form of a new or existing record, with what was sent unless `as_it_is`."""
    own = words.custom(kind.subject)
    sent = {"formdata": None} if as_it_is else {}
    form = with_own(FORMS[kind.subject], own)(
        data=shown(record, words, kind) | own_shown(record, own), **sent
    )
    form.offer(words)
    if record is not None:
        del form.number, form.once
    return form


def shown(record: Record | None, words: StoreWords, kind: Kind) -> dict[str, Any]:
    """Return what the fields of the form show for a record."""
    if record is None:
        lists = {name: words.choices(key)[:1] for name, _, key in kind.filters if name.endswith("status")}
        return {name: first[0] for name, first in lists.items() if first}
    found = {column.key: getattr(record, column.key) for column in kind.model.__table__.columns}
    found["account"] = record.account.name if record.account else ""
    found["customer"] = person_text(getattr(record, "customer", None))
    if "lines" in found:
        prices = [line | {"unit_price": Decimal(str(line.get("unit_price") or 0))} for line in found["lines"]]
        found["lines"] = prices
    return found


def _line(line: LineForm) -> dict[str, Any]:
    texts = {name: (line[name].data or "").strip() for name in ("sku", "name", "category")}
    price = line.unit_price.data or Decimal("0.00")
    quantity = 1 if line.quantity.data is None else line.quantity.data
    return texts | {"quantity": quantity, "unit_price": str(price)}


def _worth(line: dict[str, Any]) -> Decimal:
    worth: Decimal = line["quantity"] * Decimal(line["unit_price"])
    return worth
