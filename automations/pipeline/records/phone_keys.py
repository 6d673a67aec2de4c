"""A phone number as one text however it is written, by which a customer is found. Part of: receive."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

_LONGEST = 40
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def key_of(number: str, region: str) -> str:
    """Return "442079460958" for "020 7946 0958" of a British store; "" for what is no number of one phone."""
    if not number.strip() or len(number) > _LONGEST:
        return ""
    try:
        parsed = _parsed(number, region)
    except phonenumbers.NumberParseException:
        return ""
    # Behind an extension many people have the number.
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def _parsed(number: str, region: str) -> PhoneNumber:
    # As `connectors.parsed_phones` does, so that a message goes to who is found. A sale loads no connector.
    parsed = phonenumbers.parse(number, region)
    code = str(phonenumbers.country_code_for_region(region))
    digits = phonenumbers.normalize_digits_only(number)
    if not digits.startswith(code) or "+" in number or "＋" in number or _is_mobile(parsed):
        return parsed
    with_plus = phonenumbers.parse(f"+{digits}")
    return with_plus if not parsed.extension and _is_mobile(with_plus) else parsed


def _is_mobile(parsed: PhoneNumber) -> bool:
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _MOBILE
