"""The forms of orders, events and customers: what they show of a record, and the values they send."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional

from automations.engine.fields.stored import ADDRESS, CURRENCY, LANGUAGE, LINES, PARCELS, PERSON, Stored
from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.models.db.column_types import MONEY_LIMIT
from automations.models.settings.choices import StoreWords
from automations.models.tables.order import Order
from automations.pipeline.intake import patterns
from automations.pipeline.intake.composite_types import LINE, MOST_LINES
from automations.pipeline.intake.order_types import MOST_PARCELS
from automations.pipeline.records.order_totals import added_up
from automations.web.kit.form_helpers import WholeNumberField
from automations.web.kit.short_enough import ShortEnough
from automations.web.kit.template_filters import money
from automations.web.records import new_customer
from automations.web.records.currency_field import (
    CurrencyField,
    choose_currency,
    form_currency,
    is_in_a_new_currency,
)
from automations.web.records.custom_field_inputs import (
    OwnChoice,
    OwnField,
    own_shown,
    own_values,
    with_own,
)
from automations.web.records.kind_pages import Record, RecordPages
from automations.web.records.language_field import LanguageField
from automations.web.records.left_alone import left_alone, one_break
from automations.web.records.new_customer import NewCustomerForm
from automations.web.records.order_parts import (
    SPARE_PARCELS,
    AddressForm,
    LineForm,
    ParcelForm,
    address_of,
    parcels_of,
)
from automations.web.records.record_form_fields import (
    AccountField,
    ChoiceField,
    DayField,
    MoneyField,
    PersonField,
    TagsField,
    TimeField,
    person_text,
)

#: Empty rows that stand ready below the lines of an order.
SPARE_LINES = 2
_TEXT, _NUMERIC = {"autocomplete": "off"}, {"inputmode": "numeric"}
_LINE = tuple(LINE)
#: One of these a customer needs.
_IDENTITY = ("first_name", "last_name", "email", "phone")
GIVEN = "Given: it stays when the items change. Empty it to add up the items."
ADDED_UP = "Added up from the items: {}. It follows them until you write an amount."


def _text(label: str, longest: int = 200, **options: Any) -> StringField:
    return StringField(label, [Optional(), ShortEnough(longest)], render_kw=_TEXT, **options)


def _number(label: str, least: int, most: int, **options: Any) -> WholeNumberField:
    refusal = "Enter a whole number from {least} to {most}."
    return WholeNumberField(label, least, most, refusal, Optional(), render_kw=_NUMERIC, **options)


class RecordForm(FlaskForm):
    """What all records have. `revision` is the state the person saw when they began."""

    #: The key of the subject.
    subject = ""
    number = _text("Number", 60, description="Leave it empty and the next free one is taken.")
    revision = HiddenField()
    #: Sent twice with the same content, a new record is made once.
    once = HiddenField(default=lambda: secrets.token_hex(12))
    #: The form as the record draws it, where one was sent for a record that exists.
    drawn: Any = None

    def validate_number(self, field: StringField) -> None:
        text = (field.data or "").strip()
        # The number is part of addresses, here and in the API; dots between slashes would lead elsewhere.
        if text and patterns.is_path(text):
            raise ValidationError("Choose a number with more than dots before and after each “/”.")

    def offer(self, words: StoreWords) -> None:
        """Fill the lists with the store's choices."""
        for field in self:
            if isinstance(field, ChoiceField):
                field.offer(words.options(field.list_key))

    def touched(self, name: str) -> bool:
        """Whether a control differs from what the record put there; in the form of a new record each does."""
        if self.drawn is None or not left_alone(self[name], self.drawn[name]):
            return True
        # An amount in another currency is another amount.
        return is_in_a_new_currency() and _is_amount(self[name])

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        self.forgive()
        if "new_customer" in self:
            new_customer.check(self)
        return not self.errors

    @property
    def person(self) -> new_customer.NewPerson | None:
        """Return the customer to add with the record; None if there is none."""
        return self["new_customer"].form.person if "new_customer" in self else None

    def forgive(self) -> None:
        """Take the errors off the controls that nobody touched: a record may hold what its form refuses."""
        for field in self:
            known = field.name in SUBJECTS[self.subject].stored or isinstance(field, OwnField | OwnChoice)
            if known and not self.touched(field.name):
                field.errors = []

    def values(self) -> dict[str, Any]:
        """Typed column values for the door, of the controls that were touched; valid forms only."""
        entries = SUBJECTS[self.subject].stored
        typed_fields = [
            self[key] for key, entry in entries.items() if entry.type in _AS_THEY_ARE and key in self
        ]
        chosen = [field for field in self if isinstance(field, ChoiceField)]
        column_values = {field.name: _kept(field, entries[field.name].can_be_empty) for field in typed_fields}
        column_values |= {field.name: field.data or None for field in chosen}
        touched = {name: value for name, value in column_values.items() if self.touched(name)}
        for name in ("customer", "account"):
            if name in self and self.touched(name):
                touched[f"{name}_id"] = self[name].id_found
        return touched | own_values(self, self.touched)


class _OrderForm(RecordForm):
    #: The lines, the parcels and the address of the order as they are.
    kept: Sequence[Mapping[str, Any]] = ()
    kept_parcels: Sequence[Mapping[str, Any]] = ()
    kept_address: Mapping[str, str] | None = None
    #: The store's delivery statuses, for each parcel.
    statuses: Sequence[tuple[str, str]] = ()

    def add_spare_lines(self, more: int = 0) -> None:
        """Add empty rows: `more` if they were asked for, a few to a form that was not sent, else none."""
        was_sent = self.is_submitted() and len(self.lines) > 0
        count = more or (0 if was_sent else SPARE_LINES)
        for _ in range(min(count, MOST_LINES - len(self.lines))):
            self.lines.append_entry()
        spare = 0 if was_sent and len(self.parcels) > 0 else SPARE_PARCELS
        for _ in range(min(spare, MOST_PARCELS - len(self.parcels))):
            self.parcels.append_entry().form.status.offer(self.statuses)

    def offer(self, words: StoreWords) -> None:
        super().offer(words)
        self.statuses = words.options("delivery_status")
        for entry in self.parcels:
            entry.form.status.offer(self.statuses)

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if valid and abs(added_up(self.values().get("lines", ()), form_currency())) >= MONEY_LIMIT:
            self.form_errors.append(
                "The items add up to more than can be kept. Change a quantity or a price."
            )
            return False
        return valid

    def validate_delivery_until(self, field: TimeField) -> None:
        if field.data and field.data < (self.delivery_from.data or ""):
            raise ValidationError("Enter a time after the one from which it is delivered.")

    def tell_total(self, order: Order) -> None:
        """Say below the total whether it was given or is added up from the items."""
        if order.total_given:
            self.total.description = GIVEN
        else:
            self.total.description = ADDED_UP.format(money(order.total, order.currency))
        self.total.when_empty = f"{money(order.total, order.currency)}, added up from the items"

    def values(self) -> dict[str, Any]:
        column_values = super().values()
        if "total" in column_values:
            column_values["total"] = self.total.data
        column_values |= self._parts()
        lines = [line for entry in self.lines if (line := self._line(entry)) is not None]
        return (
            column_values
            if self.drawn is not None and lines == self.kept
            else column_values | {"lines": lines}
        )

    def _parts(self) -> dict[str, Any]:
        """Return the address and the parcels, where they are not what they were."""
        drawn = None if self.drawn is None else self.drawn.delivery_address
        address = address_of(self.delivery_address, self.kept_address, drawn)
        rows = () if self.drawn is None else list(self.drawn.parcels)
        parcels = parcels_of(self.parcels, self.kept_parcels, rows)
        values = {"delivery_address": address, "parcels": parcels}
        before = {"delivery_address": self.kept_address, "parcels": [*self.kept_parcels] or None}
        return {name: value for name, value in values.items() if value != before[name]}

    def forgive(self) -> None:
        super().forgive()
        for entry in self.lines:
            for name in self._left_alone(entry):
                entry.form[name].errors = []
        self.lines.errors = [entry.errors for entry in self.lines if entry.errors]

    def touched(self, name: str) -> bool:
        # Lines are compared one by one, like parcels and the parts of an address.
        return name in ("lines", "parcels", "delivery_address") or super().touched(name)

    def _line(self, entry: FormField) -> Mapping[str, Any] | None:
        """Return the line of a row, with what was left alone as it is; None for an empty row."""
        place, alone = _place(entry), self._left_alone(entry)
        if len(alone) == len(_LINE):
            return self.kept[place]
        if entry.form.is_blank():
            return None
        kept: dict[str, Any] = {name: self.kept[place][name] for name in alone if name in self.kept[place]}
        return {**entry.form.values(), **kept}

    def _left_alone(self, entry: FormField) -> list[str]:
        place = _place(entry)
        if self.drawn is None or place >= len(self.kept):
            return []
        row = self.drawn.lines[place].form
        alone = [name for name in _LINE if left_alone(entry.form[name], row[name])]
        # An amount in another currency is another amount.
        return [name for name in alone if not (is_in_a_new_currency() and _is_amount(entry.form[name]))]


class _CustomerForm(RecordForm):
    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        says_who = any((self[name].data or "").strip() for name in _IDENTITY)
        if not says_who and any(self.touched(name) for name in _IDENTITY):
            self.first_name.errors = [*self.first_name.errors, "Enter a name, an email or a phone number."]
            return False
        return valid


def _long_text(label: str, longest: int, **options: Any) -> TextAreaField:
    return TextAreaField(label, [Optional(), ShortEnough(longest)], render_kw={"rows": 3}, **options)


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
    "time": lambda _, __, label, hint: TimeField(label, description=hint),
    CURRENCY: lambda _, __, label, hint: CurrencyField(label, description=hint),
    LANGUAGE: lambda _, __, label, hint: LanguageField(label, description=hint),
    LINES: lambda *_: FieldList(FormField(LineForm), max_entries=MOST_LINES),
    ADDRESS: lambda _, __, label, ___: FormField(AddressForm, label),
    PARCELS: lambda _, __, label, ___: FieldList(FormField(ParcelForm), label, max_entries=MOST_PARCELS),
}
#: The types whose control holds what the column does.
_AS_THEY_ARE = frozenset({"text", "number", "money", "date", "time", "bool", "tags", CURRENCY})
_BASES: Mapping[str, type[RecordForm]] = {"order": _OrderForm, "customer": _CustomerForm}


def _control(entry: Field, places: Stored) -> Callable[[Field, Stored, str, str], Any]:
    return _CONTROLS[places.holds or entry.type]


def _form(subject: Subject) -> type[RecordForm]:
    """Return the form of a subject, with a control for each entry that has a place in it."""
    controls = {
        entry.key: _control(entry, places)(entry, places, places.form_label or entry.label, places.hint)
        for entry, places in subject.placed("form")
        if entry.type in _CONTROLS
    }
    if "customer" in controls:
        controls["new_customer"] = FormField(NewCustomerForm)
    base = _BASES.get(subject.key, RecordForm)
    return type(f"{subject.label}Form", (base,), {**controls, "subject": subject.key})


FORMS: Mapping[str, type[RecordForm]] = {key: _form(subject) for key, subject in SUBJECTS.items()}


def form_for(
    kind: RecordPages, words: StoreWords, record: Record | None = None, as_it_is: bool = False
) -> Any:
    """Return the form of a new or existing record, with what was sent unless `as_it_is`."""
    # Amounts are read while the form is made, those of its lines in forms of their own.
    own = words.custom(kind.subject)
    choose_currency(record, "" if as_it_is else _typed_currency(kind))
    sent = {"formdata": None} if as_it_is else {}
    form = with_own(FORMS[kind.subject], own)(
        data=shown(record, words, kind) | own_shown(record, own), **sent
    )
    form.offer(words)
    if record is not None:
        del form.number, form.once
    if record is not None and not as_it_is and form.is_submitted():
        form.drawn = form_for(kind, words, record, as_it_is=True)
        choose_currency(record, _typed_currency(kind))
    if isinstance(record, Order):
        form.tell_total(record)
        form.kept, form.kept_parcels = record.lines, record.parcels or ()
        form.kept_address = record.delivery_address
    return form


def _typed_currency(kind: RecordPages) -> str:
    return request.form.get("currency", "") if kind.subject == "order" else ""


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
    if isinstance(record, Order):
        column_values |= {"parcels": record.parcels or [], "delivery_address": record.delivery_address or {}}
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
    if isinstance(field, TimeField):
        return field.data or None
    return one_break(field.data or "").strip() if isinstance(field, StringField) else field.data


def _is_amount(field: Any) -> bool:
    return isinstance(field, MoneyField) or (isinstance(field, OwnField) and field.entry.type == "money")


def _place(entry: FormField) -> int:
    """Return the number in the name of a row, which is its place among the lines: "lines-3" is row 3."""
    return int(entry.name.rpartition("-")[2])
