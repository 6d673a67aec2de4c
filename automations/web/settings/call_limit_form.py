"""The form of the limits of requests: one for every host, and one per line for some."""

from __future__ import annotations

import re

from flask_wtf import FlaskForm
from wtforms import IntegerField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from automations.engine.operators.value_types import counted
from automations.models.settings.call_limits import MOST

#: Host, with its port unless it is the usual one, and its limit.
LINE = re.compile(r"([A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?)[ \t=]+([0-9]{1,6})", re.ASCII)
MOST_HOSTS = 100
RANGE = f"Enter a number from 1 to {MOST}."


class LimitField(IntegerField):
    """A number; anything else is told the range."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(RANGE) from error


class LimitForm(FlaskForm):
    at_once = LimitField("Requests at the same time", [InputRequired(RANGE), NumberRange(1, MOST, RANGE)])
    hosts = TextAreaField("Hosts with their own limit")

    def validate_hosts(self, field: TextAreaField) -> None:
        parse_hosts(field.data or "")


def parse_hosts(text: str) -> dict[str, int]:
    """Return the limits by host, one from each line. Raises ValidationError."""
    limits: dict[str, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        found = LINE.fullmatch(line)
        if found is None:
            raise ValidationError(
                f"“{line[:100]}” is not a host and a number. Enter it like: api.courier.example 1"
            )
        host, limit = found[1].lower(), int(found[2])
        if not 1 <= limit <= MOST:
            raise ValidationError(f"{host} has {counted(limit)}. Enter a number from 1 to {MOST}.")
        if host in limits:
            raise ValidationError(f"{host} is there twice. Keep one of the two lines.")
        limits[host] = limit
    if len(limits) > MOST_HOSTS:
        raise ValidationError(f"The limit is {MOST_HOSTS} hosts, and there are {counted(len(limits))}.")
    return limits
