"""The store's custom fields in the forms of records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wtforms import SelectField, StringField
from wtforms.validators import Optional, ValidationError

from automations.engine.fields.subject import Field
from automations.engine.operators.value_types import InvalidValue
from automations.pipeline.intake.custom_values import custom_value, key_of
from automations.web.kit.template_filters import formats
from automations.web.kit.typed_amounts import plain_amount, typed_amount
from automations.web.records.currency_field import form_currency
from automations.web.records.kind_pages import Record

PREFIX = "own_"
_NUMBERS = ("money", "number")
_YES_NO = {"yes": "Yes", "no": "No"}


class OwnField(StringField):
    """The value of one custom field, read as conditions read it; `value_found` is what the record stores."""

    def __init__(self, label: str, entry: Field, **options: Any) -> None:
        type = "date" if entry.type == "date" else "text"
        super().__init__(label, [Optional()], render_kw={"type": type, "autocomplete": "off"}, **options)
        self.entry = entry
        self.is_number = entry.type in _NUMBERS
        self.value_found: Any = None

    def _value(self) -> str:
        if self.raw_data or self.data is None or not self.is_number:
            return str(super()._value())
        return typed_amount(str(self.data), formats().language)

    def pre_validate(self, form: Any) -> None:
        self.value_found = _found(self.entry, self.data or "")


class OwnChoice(SelectField):
    """A choice from a custom field's entries, or yes or no; may be empty."""

    def __init__(self, label: str, entry: Field, **options: Any) -> None:
        entries = _YES_NO if entry.type == "bool" else entry.labels
        super().__init__(label, [Optional()], choices=[("", "None"), *entries.items()], **options)
        self.type = "SelectField"
        self.entry = entry
        self.value_found: Any = None

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        # A record keeps a choice that has left the field; a newly sent one must be in it.
        offered = [(key, label) for key, label, *_ in self.iter_choices()]
        if value is not None and value not in dict(offered):
            self.choices = [*offered, (value, value)]

    def pre_validate(self, form: Any) -> None:
        self.value_found = _found(self.entry, self.data or "")


def with_own(form: type[Any], fields: Mapping[str, Field]) -> type[Any]:
    """Return the form class with the store's custom fields after the others."""
    if not fields:
        return form
    kinds = {True: OwnChoice, False: OwnField}
    inputs = {
        f"{PREFIX}{key_of(field)}": kinds[field.type in ("choice", "bool")](field.label, field)
        for field in fields.values()
    }
    return type(form.__name__, (form,), inputs)


def own_shown(record: Record | None, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return what the custom fields show for a record, by name of the form field."""
    custom = (record.custom if record else None) or {}
    yes_no = {True: "yes", False: "no"}
    values = {key_of(field): custom.get(key_of(field)) for field in fields.values()}
    return {
        f"{PREFIX}{key}": yes_no[value] if isinstance(value, bool) else value for key, value in values.items()
    }


def own_values(form: Any, touched: Callable[[str], bool]) -> dict[str, Any]:
    """Return the column `custom` of a valid form, or {} if no custom field was touched."""
    own = [field for field in form if isinstance(field, OwnField | OwnChoice) and touched(field.name)]
    return {"custom": {key_of(field.entry): field.value_found for field in own}} if own else {}


def _found(entry: Field, text: str) -> Any:
    if entry.type in _NUMBERS:
        currency = form_currency() if entry.type == "money" else ""
        text = plain_amount(text, formats().language, currency) or text
    try:
        return custom_value(entry, text, form_currency())
    except InvalidValue as problem:
        words = str(problem)
        raise ValidationError(f"{words[:1].upper()}{words[1:]}.") from None
