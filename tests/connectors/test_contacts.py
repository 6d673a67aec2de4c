from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.header_lines import mailbox_line

VALID = [
    ("anna@shop.example", "anna@shop.example"),
    (" anna@shop.test ", "anna@shop.test"),
    ("Anna.Lee+orders@Shop.Example", "Anna.Lee+orders@shop.example"),
    ("o'brien@shop.example", "o'brien@shop.example"),
    ("anna@müller.example", "anna@xn--mller-kva.example"),
]
INVALID = [
    *("", "anna", "anna@", "@shop.example", "anna@shop", "anna@@shop.example", "anna@shop..example", "n/a"),
    *("a b@shop.example", "anna@localhost", "anna@-shop.example", ".anna@shop.example", "anna@shop.invalid"),
    *("müller@shop.example", "a" * 300 + "@shop.example", "\ud800@shop.example"),
]


@pytest.mark.parametrize(("typed", "kept"), VALID)
def test_a_valid_address_is_kept(typed: str, kept: str) -> None:
    assert EmailContact.parse(typed).address == kept


@pytest.mark.parametrize("typed", INVALID)
def test_an_invalid_address_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(InvalidContact, match="is not a valid email address"):
        EmailContact.parse(typed)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Anna\r\nLee", "Anna Lee"),
        ("\u202eAnna", "Anna"),
        ("  Zoë  Lee ", "Zoë Lee"),
        ("A\u2028B", "A B"),
        ("x" * 500, "x" * 100),
        ("Zoë \u200d", "Zoë \u200d"),
    ],
)
def test_a_name_is_cleaned(name: str, kept: str) -> None:
    assert EmailContact.parse("anna@shop.example", name).name == kept


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_contact_or_a_sentence(address: str, name: str) -> None:
    try:
        mailbox_line("To", name, EmailContact.parse(address, name).address)
    except InvalidContact as error:
        assert str(error)
