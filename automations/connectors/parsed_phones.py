"""Parses phone numbers as people and shops write them, with the "+" of their country or without."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def parsed_phone(number: str, region: str) -> PhoneNumber:
    """Return a number, without a country code one of `region`. Raises phonenumbers.NumberParseException.

    Shops also write a country's code without its "+": "491701234567" is a mobile number in Germany, where the
    same digits may be read as a landline.
    """
    parsed = phonenumbers.parse(number, region)
    code = str(phonenumbers.country_code_for_region(region))
    digits = phonenumbers.normalize_digits_only(number)
    if not digits.startswith(code) or "+" in number or "＋" in number or _is_mobile(parsed):
        return parsed
    with_plus = phonenumbers.parse(f"+{digits}")
    return with_plus if not parsed.extension and _is_mobile(with_plus) else parsed


def _is_mobile(parsed: PhoneNumber) -> bool:
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _MOBILE
