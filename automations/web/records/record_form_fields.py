"""Form fields of records: the store's choices, amounts, days, tags, customers and accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal
from typing import Any

import sqlalchemy as sa
from flask import g
from wtforms import DateField, DecimalField, Field, FieldList, FormField, SelectField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from automations.engine.fields.currencies import in_full
from automations.models.accounts import account_names
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.pipeline.intake.amounts import Amounts, plain
from automations.pipeline.intake.field_types import LONGEST_TAG, MOST_TAGS, InvalidInput
from automations.pipeline.intake.order_types import quantity_of
from automations.pipeline.intake.patterns import YEARS
from automations.web.kit.short_enough import ShortEnough
from automations.web.kit.template_filters import formats
from automations.web.kit.typed_amounts import plain_amount, told_reading, typed_amount
from automations.web.records import record_search
from automations.web.records.currency_field import form_currency, is_in_a_new_currency

MOST_MONEY = Decimal("999999999.99")
LONGEST_AMOUNT = 20
EXAMPLE = Decimal(86)
#: Room for a number and both names, each at its longest, as the list offers them.
LONGEST_PERSON = 500


class ChoiceField(SelectField):
    """A choice from the store's list `list_key`; `offer` fills in the entries once the form is made."""

    def __init__(self, label: str, list_key: str, required: bool = False, **options: Any) -> None:
        validators = [InputRequired("Choose one.")] if required else [Optional()]
        super().__init__(label, validators, choices=[], **options)
        self.list_key = list_key
        self.required = required

    def offer(self, options: list[tuple[str, str]]) -> None:
        # A record keeps a value that has left its list; a newly sent value must be in the list.
        current = self.object_data
        removed_option = [(current, current)] if current and current not in dict(options) else []
        self.choices = [*([] if self.required else [("", "None")]), *options, *removed_option]

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in dict(self.choices):
            raise ValidationError("This choice is not in the list any more. Choose another.")


class MoneyField(DecimalField):
    """An amount from 0 to MOST_MONEY in the record's currency; the record's present value stays valid."""

    #: What an empty one means, where the page compares it with what someone else saved.
    when_empty = "empty"

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, [Optional()], **options)
        self.render_kw = {"inputmode": "decimal", "autocomplete": "off", "type": "text"}
        self.currency = form_currency()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        # Rounding here would change the amount of a form that was only opened and saved.
        return "" if self.data is None else _typed(in_full(self.data, self.currency))

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data = None
        if not valuelist[0].strip():
            return
        currency, language = self.currency, formats().language
        amounts, text = Amounts(currency), plain_amount(valuelist[0], language, currency)
        if text is None or len(text) > LONGEST_AMOUNT:
            other = text is None and plain_amount(valuelist[0], language) is not None
            example = _typed(in_full(EXAMPLE, currency))
            raise ValueError(f"Enter an amount {f'in {currency} ' if other else ''}such as {example}.")
        amount = Decimal(text)
        if amount != self.object_data or is_in_a_new_currency():
            largest = MOST_MONEY.quantize(Decimal(1).scaleb(-amounts.places), ROUND_DOWN)
            if not 0 <= amount <= MOST_MONEY:
                raise ValueError(f"Enter an amount from 0 to {formats().number(largest)}.")
            try:
                amount = amounts[f"{amount:f}"]
            except ValueError:
                # It is a number in bounds: only its decimals can be too many.
                raise ValueError(amounts.too_many_decimals(valuelist[0].strip())) from None
        self.data = plain(amount)


def _typed(number: Decimal) -> str:
    return typed_amount(f"{number:f}", formats().language)


def told_readings(form: Any) -> str:
    """Return how the numbers in a form were read that people elsewhere would take for others; or ""."""
    parts = (told_readings(part) for part in form if isinstance(part, FieldList | FormField))
    own = (told_reading(str(one.raw_data[0]), formats().language) for one in form if _is_changed_number(one))
    return " ".join(dict.fromkeys(filter(None, (*own, *parts))))


def _is_changed_number(field: Any) -> bool:
    # What was only opened and saved was not read anew.
    is_number = isinstance(field, MoneyField | QuantityField) or getattr(field, "is_number", False)
    return is_number and bool(field.raw_data) and field.data != field.object_data


class DayField(DateField):
    """An optional day."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, [Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter a day such as 2026-11-24.") from None
        if self.data and self.data.year not in YEARS:
            raise ValueError(f"Enter a day from {YEARS.start} to {YEARS.stop - 1}.")


class TimeField(StringField):
    """An optional time of day, such as 09:30; None without one."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, [Optional()], render_kw={"type": "time"}, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            text = valuelist[0].strip()
            # Some browsers send seconds.
            self.data = text.removesuffix(":00") if text.count(":") == 2 else text or None
            if self.data and not _TIME.fullmatch(self.data):
                raise ValueError("Enter a time such as 09:30.")


_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class QuantityField(StringField):
    """A quantity from -`most` to `most`, with up to three decimals; empty says nothing."""

    def __init__(self, label: str, most: int, **options: Any) -> None:
        super().__init__(label, [Optional()], render_kw={"inputmode": "decimal"}, **options)
        self.most = most

    def _value(self) -> str:
        return (
            str(self.raw_data[0])
            if self.raw_data
            else ""
            if self.data is None
            else _typed(Decimal(self.data))
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        typed = valuelist[0].strip()
        text = plain_amount(typed, formats().language) or typed.replace("−", "-")
        self.data = None
        try:
            self.data = quantity_of(text, self.most) if text else None
        except InvalidInput:
            most, half = formats().number(self.most), _typed(Decimal("0.5"))
            sentence = f"Enter a number from −{most} to {most}, such as 2, {half} or −1."
            raise ValueError(sentence) from None


#: A tag in quotation marks, in which a mark is written twice, or one without; then a comma or the end.
_TAG = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))(?:,|$)')


def tags_text(tags: Iterable[str]) -> str:
    """Return tags as people write them: with commas between them, one that has a comma in quotation marks."""
    return ", ".join(f'"{tag.replace(chr(34), chr(34) * 2)}"' if _is_quoted(tag) else tag for tag in tags)


def _is_quoted(tag: str) -> bool:
    return "," in tag or tag.startswith('"') or tag != tag.strip()


def _tags_in(text: str) -> list[str]:
    found = ((match[1] or "").replace('""', '"') or (match[2] or "").strip() for match in _TAG.finditer(text))
    return [tag for tag in found if tag.strip()]


class TagsField(Field):
    """Tags separated by commas; `data` is a list without duplicates, ignoring case."""

    widget = StringField.widget

    def _value(self) -> str:
        return tags_text(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data = list({text.casefold(): text for text in _tags_in(valuelist[0])}.values())

    def pre_validate(self, form: Any) -> None:
        if len(self.data or ()) > MOST_TAGS:
            raise ValidationError(f"A record has at most {MOST_TAGS} tags.")
        if any(len(tag) > LONGEST_TAG for tag in self.data or ()):
            raise ValidationError(f"A tag has at most {LONGEST_TAG} characters.")


class PersonField(StringField):
    """A customer, given by number, email or name; the number before " · " is enough.

    `id_found` is the customer's id after validation; `is_unknown` that nobody is called like this.
    """

    is_unknown = False

    def __init__(self, label: str, **options: Any) -> None:
        length = ShortEnough(LONGEST_PERSON)
        super().__init__(label, [Optional(), length], **options)
        self.id_found: int | None = None

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip()
        # A longer text is refused by the Length validator; SQLite would raise on a very long pattern.
        self.id_found = self._find(text) if len(text) <= LONGEST_PERSON else None

    def _find(self, text: str) -> int | None:
        if not text:
            return None
        in_store = sa.select(Customer.id).where(Customer.store_id == g.store.id)
        number = text.partition(" · ")[0].strip()
        exact = db.session.scalar(in_store.where(Customer.number == number))
        ids = [exact] if exact else [customer.id for customer in record_search.customers_like(text, 2)]
        if len(ids) == 1:
            return ids[0]
        if ids:
            raise ValidationError(f"Several customers are called “{text}”. Choose one from the list.")
        self.is_unknown = True
        raise ValidationError(f"There is no customer “{text}”. Choose one from the list, or add them below.")


class AccountField(StringField):
    """An account of the store, given by name. `id_found` is its id after validation."""

    def __init__(self, label: str, **options: Any) -> None:
        length = ShortEnough(200)
        super().__init__(label, [Optional(), length], **options)
        self.id_found: int | None = None

    def pre_validate(self, form: Any) -> None:
        name = (self.data or "").strip()
        self.id_found = account_names.id_of(db.session(), g.store.id, name) if name else None
        if name and self.id_found is None:
            raise ValidationError(f"There is no account “{name}”. Choose one from the list, or add it first.")


def person_text(customer: Customer | None) -> str:
    """Return how a PersonField shows a customer."""
    return f"{customer.number} · {customer.name}" if customer else ""
