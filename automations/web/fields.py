"""Checks and helpers the forms of several pages share."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError

from automations.connectors.contacts import EmailContact, InvalidContact


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
