"""The forms of orders, events and customers: what they show of a record, and the values they send."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
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

from automations.engine.fields.stored import LINES, PERSON, Stored
from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.models.db.column_types import MONEY_LIMIT
from automations.models.settings.choices import StoreWords
from automations.models.tables.order import Order
from automations.pipeline.intake.composite_types import MOST_LINES, MOST_OF_ONE
from automations.pipeline.records.order_totals import added_up
from automations.web.kit.form_helpers import WholeNumberField
from automations.web.kit.template_filters import money
from automations.web.records.custom_field_inputs import own_shown, own_values, with_own
from automations.web.records.kind_pages import Record, RecordPages
from automations.web.records.record_form_fields import (
    AccountField,
    ChoiceField,
    DayField,
    MoneyField,
    PersonField,
    TagsField,
    person_text,
)

#: Empty rows that stand ready below the lines of an order.
SPARE_LINES = 2
_TEXT = {"autocomplete": "off"}
GIVEN = "Given: it stays when the items change. Empty it to add up the items."
ADDED_UP = "Added up from the items: {}. It follows them until you write an amount."


def _text(label: str, longest: int = 200, **options: Any) -> StringField:
    length = Length(max=longest, message=f"Shorten it to {longest:,} characters.")
    return StringField(label, [Optional(), length], render_kw=_TEXT, **options)


def _number(label: str, least: int, most: int, **options: Any) -> WholeNumberField:
    refusal = f"Write a whole number from {least} to {most:,}."
    options |= {"render_kw": {"inputmode": "numeric"}}
    return WholeNumberField(label, least, most, refusal, Optional(), **options)


class RecordForm(FlaskForm):
    """What all records have. `revision` is the state the person saw when they began."""

    #: The key of the subject.
    subject = ""
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
        entries = SUBJECTS[self.subject].stored
        typed_fields = [
            self[key] for key, entry in entries.items() if entry.type in _AS_THEY_ARE and key in self
        ]
        chosen = [field for field in self if isinstance(field, ChoiceField)]
        column_values = {field.name: _kept(field, entries[field.name].can_be_empty) for field in typed_fields}
        column_values |= {field.name: field.data or None for field in chosen}
        column_values |= own_values(self)
        for name in ("customer", "account"):
            if name in self:
                column_values[f"{name}_id"] = self[name].id_found
        return column_values


class LineForm(Form):
    sku = _text("SKU", 80)
    name = _text("Name")
    category = _text("Category", 80)
    quantity = _number("Quantity", 0, MOST_OF_ONE)
    unit_price = MoneyField("Unit price")

    def is_blank(self) -> bool:
        return not any(field.data for field in self)


class _OrderForm(RecordForm):
    def add_spare_lines(self, count: int = SPARE_LINES) -> None:
        for _ in range(min(count, MOST_LINES - len(self.lines))):
            self.lines.append_entry()

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if valid and abs(added_up(self._given_lines())) >= MONEY_LIMIT:
            self.form_errors.append("The items add up to more than can be kept. Change a quantity or a price.")
            return False
        return valid

    def tell_total(self, order: Order) -> None:
        """Say below the total whether it was given or is added up from the items."""
        if order.total_given:
            self.total.description = GIVEN
        else:
            self.total.description = ADDED_UP.format(money(order.total, order.currency))
        self.total.when_empty = f"{money(order.total, order.currency)}, added up from the items"

    def values(self) -> dict[str, Any]:
        return super().values() | {"lines": self._given_lines(), "total": self.total.data}

    def _given_lines(self) -> list[dict[str, Any]]:
        return [_line(entry.form) for entry in self.lines if not entry.form.is_blank()]


class _CustomerForm(RecordForm):
    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if not any((self[name].data or "").strip() for name in ("first_name", "last_name", "email", "phone")):
            self.first_name.errors = [*self.first_name.errors, "Write a name, an email or a phone number."]
            return False
        return valid


def _long_text(label: str, longest: int, **options: Any) -> TextAreaField:
    length = Length(max=longest, message=f"Shorten it to {longest:,} characters.")
    return TextAreaField(label, [Optional(), length], render_kw={"rows": 3}, **options)


def _text_of(entry: Field, places: Stored, label: str, hint: str) -> Any:
    return (_long_text if places.long else _text)(label, places.longest, description=hint)


def _choice_of(entry: Field, places: Stored, label: str, hint: str) -> Any:
    return ChoiceField(label, str(entry.choices), required=not entry.can_be_empty, description=hint)


#: The control of a stored field, by its type. A moment has none: programs say it.
_CONTROLS: Mapping[str, Callable[[Field, Stored, str, str], Any]] = {
    "text": _text_of,
    "choice": _choice_of,
    "number": lambda _, places, label, hint: _number(label, places.least, places.most, description=hint),
    "money": lambda _, __, label, hint: MoneyField(label, description=hint),
    "date": lambda _, __, label, hint: DayField(label, description=hint),
    "bool": lambda _, __, label, hint: BooleanField(label, description=hint),
    "tags": lambda _, __, label, hint: TagsField(label, description=hint),
    "reference": lambda _, __, label, hint: AccountField(label, description=hint),
    PERSON: lambda _, __, label, hint: PersonField(label, description=hint),
    LINES: lambda *_: FieldList(FormField(LineForm), max_entries=MOST_LINES),
}
#: The types whose control holds what the column does.
_AS_THEY_ARE = frozenset({"text", "number", "money", "date", "bool", "tags"})
_BASES: Mapping[str, type[RecordForm]] = {"order": _OrderForm, "customer": _CustomerForm}


def _form(subject: Subject) -> type[RecordForm]:
    """Return the form of a subject, with a control for each entry that has a place in it."""
    controls = {
        entry.key: _CONTROLS[entry.type](entry, places, places.form_label or entry.label, places.hint)
        for entry, places in subject.placed("form")
        if entry.type in _CONTROLS
    }
    base = _BASES.get(subject.key, RecordForm)
    return type(f"{subject.label}Form", (base,), {**controls, "subject": subject.key})


FORMS: Mapping[str, type[RecordForm]] = {key: _form(subject) for key, subject in SUBJECTS.items()}


def form_for(
    kind: RecordPages, words: StoreWords, record: Record | None = None, as_it_is: bool = False
) -> Any:
    """Return the form of a new or existing record, with what was sent unless `as_it_is`."""
    own = words.custom(kind.subject)
    sent = {"formdata": None} if as_it_is else {}
    form = with_own(FORMS[kind.subject], own)(
        data=shown(record, words, kind) | own_shown(record, own), **sent
    )
    form.offer(words)
    if record is not None:
        del form.number, form.once
    if isinstance(record, Order):
        form.tell_total(record)
    return form


def shown(record: Record | None, words: StoreWords, kind: RecordPages) -> dict[str, Any]:
    """Return what the fields of the form show for a record."""
    if record is None:
        lists = {name: words.choices(key)[:1] for name, _, key in kind.filters if name.endswith("status")}
        return {name: first[0] for name, first in lists.items() if first}
    column_values = {column.key: getattr(record, column.key) for column in kind.model.__table__.columns}
    column_values["account"] = record.account.name if record.account else ""
    column_values["customer"] = person_text(getattr(record, "customer", None))
    if isinstance(record, Order) and not record.total_given:
        column_values["total"] = None
    if "lines" in column_values:
        prices = [
            line | {"unit_price": Decimal(str(line.get("unit_price") or 0))}
            for line in column_values["lines"]
        ]
        column_values["lines"] = prices
    return column_values


def _kept(field: Any, can_be_empty: bool) -> Any:
    """The value of a column for what its control holds."""
    if isinstance(field, MoneyField):
        return field.data if can_be_empty else field.data or Decimal("0.00")
    if isinstance(field, WholeNumberField):
        return field.data if can_be_empty else field.data or 0
    if isinstance(field, TagsField):
        return field.data or []
    return (field.data or "").strip() if isinstance(field, StringField) else field.data


def _line(line: LineForm) -> dict[str, Any]:
    texts = {name: (line[name].data or "").strip() for name in ("sku", "name", "category")}
    price = line.unit_price.data or Decimal("0.00")
    quantity = 1 if line.quantity.data is None else line.quantity.data
    return texts | {"quantity": quantity, "unit_price": str(price)}
