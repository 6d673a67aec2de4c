"""A customer is found by the number that a text message to them goes to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from automations.connectors.contacts import InvalidContact
from automations.connectors.phone_numbers import PhoneContact
from automations.pipeline.records.phone_keys import key_of

REGIONS = st.sampled_from(["DE", "GB", "FR", "IT", "US", "NL", "ES", "CH"])
NUMBERS = st.from_regex(r"(\+|00|0)?[1-9][0-9]{1,3}[ /-]?[0-9]{3}[ -]?[0-9]{3,6}( x[0-9])?", fullmatch=True)


@given(NUMBERS, REGIONS)
def test_who_is_found_by_a_number_is_who_gets_a_message_to_it(number: str, region: str) -> None:
    try:
        expected = PhoneContact.parse(number, region).number.removeprefix("+")
    except InvalidContact:
        expected = ""
    assert key_of(number, region) == expected


def test_a_countrys_code_without_its_plus_is_read_by_both() -> None:
    assert key_of("49 170 1234567", "DE") == "491701234567"
    assert PhoneContact.parse("49 170 1234567", "DE").number == "+491701234567"
