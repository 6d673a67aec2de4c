"""A phone number as one text however it is written, by which a customer is found. Part of: receive."""

from __future__ import annotations

import phonenumbers

from automations.connectors.parsed_phones import parsed_phone

_LONGEST = 40


def key_of(number: str, region: str) -> str:
    """Return "442079460958" for "020 7946 0958" of a British store; "" for what is no number of one phone."""
    if not number.strip() or len(number) > _LONGEST:
        return ""
    try:
        parsed = parsed_phone(number, region)
    except phonenumbers.NumberParseException:
        return ""
    # Behind an extension many people have the number.
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
