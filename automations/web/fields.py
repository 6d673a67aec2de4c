"""Checks and helpers the forms of several pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from automations.connectors.contacts import EmailContact, InvalidContact

_AMOUNT = re.compile(r"[£€$¥]?\s?([+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?)")


def plain_amount(text: str) -> str | None:
    """An amount as people write it, "£1,200.50", as plain digits; None for all else, such as "86,50"."""
    found = _AMOUNT.fullmatch(text.strip())
    return found[1].replace(",", "") if found else None


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
