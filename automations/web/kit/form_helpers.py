"""Form fields, validators and helpers that several pages share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, StopValidation

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.engine.operators.value_types import counted


class WholeNumberField(IntegerField):
    """A whole number from `least` to `most`; the sentence `refusal` is the error for any other input.

    It may name them, as `{least}` and `{most}`.
    """

    def __init__(self, label: str, least: int, most: int, refusal: str, first: Any, **options: Any) -> None:
        refusal = refusal.format(least=counted(least), most=counted(most))
        validators = [first, NumberRange(least, most, refusal)]
        super().__init__(label, validators, invalid_value_message=refusal, **options)

    def pre_validate(self, form: Any) -> None:
        # An empty field is left to the first validator.
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return (value, label) pairs as the choices of a SelectField."""
    return [SelectChoice(value, label) for value, label in pairs]


def collapse_spaces(text: str | None) -> str | None:
    """Filter: return `text` trimmed, with runs of white space collapsed."""
    return " ".join(text.split()) if text else text


def email_address(form: FlaskForm, field: Field) -> None:
    """Validator: raise ValidationError unless the field holds one well-formed email address."""
    try:
        EmailContact.parse(field.data or "")
    except InvalidContact as error:
        raise ValidationError(str(error)) from error


def add_error(field: StringField, sentence: str) -> None:
    """Add an error to a field that passed its own validators."""
    field.errors = [*field.errors, sentence]
