"""Checks and helpers the forms of several pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, StopValidation

from automations.connectors.contacts import EmailContact, InvalidContact

_AMOUNT = re.compile(r"[£€$¥]?\s?([+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?)")


def plain_amount(text: str) -> str | None:
    """An amount as people write it, "£1,200.50", as plain digits; None for all else, such as "86,50"."""
    found = _AMOUNT.fullmatch(text.strip())
    return found[1].replace(",", "") if found else None


class WholeNumberField(IntegerField):
    """A whole number from `least` to `most`; whatever else is typed gets the one sentence `refusal`."""

    def __init__(self, label: str, least: int, most: int, refusal: str, first: Any, **options: Any) -> None:
        validators = [first, NumberRange(least, most, refusal)]
        super().__init__(label, validators, invalid_value_message=refusal, **options)

    def pre_validate(self, form: Any) -> None:
        # What is empty is for the first validator to judge.
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """(value, label) pairs as the options of a SelectField."""
    return [SelectChoice(value, label) for value, label in pairs]


def stripped(text: str | None) -> str | None:
    """A filter: without the spaces around it and doubled inside."""
    return " ".join(text.split()) if text else text


def email_address(form: FlaskForm, field: Field) -> None:
    """A validator: a whole, well-formed email address."""
    try:
        EmailContact.parse(field.data or "")
    except InvalidContact as error:
        raise ValidationError(str(error)) from error


def refuse(field: StringField, sentence: str) -> None:
    """Show a sentence at a field that passed its own checks."""
    field.errors = [*field.errors, sentence]
