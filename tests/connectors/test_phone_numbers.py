from __future__ import annotations

import pytest

from automations.connectors.contacts import InvalidContact
from automations.connectors.phone_numbers import PhoneContact


@pytest.mark.parametrize(
    ("given", "region", "number"),
    [
        ("8-800-000-00-60", "RU", "+78000000060"),
        ("+7 800 000-00-60", "GB", "+78000000060"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "RU", "+442079460958"),
        ("(020) 7946-0958", "GB", "+442079460958"),
        ("07400 123456", "GB", "+447400123456"),
        ("0044 7400 123456", "GB", "+447400123456"),
        (" +1 (202) 555-0142 ", "GB", "+12025550142"),
        ("tel:+442079460958", "GB", "+442079460958"),
        ("＋４４ 20 7946 0958", "GB", "+442079460958"),
        ("491701234567", "DE", "+491701234567"),
        ("49 (170) 123-4567", "DE", "+491701234567"),
        ("0170 / 12 34 567", "DE", "+491701234567"),
        ("1701234567", "DE", "+491701234567"),
        ("0491 123456", "DE", "+49491123456"),
        ("393331234567", "IT", "+393331234567"),
    ],
)
def test_a_valid_number_is_read_by_the_stores_region(given: str, region: str, number: str) -> None:
    assert PhoneContact.parse(given, region).number == number


@pytest.mark.parametrize(
    ("given", "region"),
    [
        ("", "GB"),
        ("   ", "GB"),
        ("n/a", "GB"),
        ("12345", "GB"),
        ("8-800-000-00-60", "GB"),
        ("+44 20 7946", "GB"),
        ("020 7946 0958 ext. 12", "GB"),
        ("+999 123 456 789", "GB"),
        ("anna@shop.example", "GB"),
        ("0" * 41, "GB"),
        ("020 7946 0958", "ZZ"),
        ("020 7946 0958", ""),
        ("+44 20 7946 0958\r\nBcc: x", "GB"),
        ("٠٢٠", "GB"),
    ],
)
def test_an_invalid_number_is_refused_in_a_sentence(given: str, region: str) -> None:
    with pytest.raises(InvalidContact, match="is not a valid phone number"):
        PhoneContact.parse(given, region)


def test_a_name_is_one_line() -> None:
    assert PhoneContact.parse("+442079460958", "GB", "Anna\r\nLee").name == "Anna Lee"
