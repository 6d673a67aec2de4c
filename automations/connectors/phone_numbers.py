"""Phone numbers as a type of their own, so that no unchecked string reaches a gateway."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers

from automations.connectors.contacts import InvalidContact
from automations.connectors.parsed_phones import parsed_phone
from automations.connectors.plain_text import one_line

_SHOWN = 60
_LONGEST = 40


@dataclass(frozen=True)
class PhoneContact:
    """A valid phone number in the form "+442079460958", and the name that goes with it."""

    number: str
    name: str = ""

    @classmethod
    def parse(cls, number: str, region: str, name: str = "") -> PhoneContact:
        """Return the contact a person typed. Raises InvalidContact with a sentence.

        `region` is the store's country ("GB"): a number without a country code is read as one of it.
        """
        return cls(_checked(number, region), one_line(name, 100))


def dialled(number: str, region: str) -> tuple[str, str] | None:
    """Return the digits of a number's country and those behind it, valid or not; None if it is no number."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return str(parsed.country_code), str(parsed.national_number)


def _checked(number: str, region: str) -> str:
    if not number.strip() or len(number) > _LONGEST:
        raise _invalid(number)
    try:
        parsed = parsed_phone(number, region)
    except phonenumbers.NumberParseException as error:
        raise _invalid(number) from error
    # An extension is dialled by ear: a text message to it would reach the switchboard.
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        raise _invalid(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _invalid(number: str) -> InvalidContact:
    return InvalidContact(f"“{one_line(number, _SHOWN)}” is not a valid phone number.")
