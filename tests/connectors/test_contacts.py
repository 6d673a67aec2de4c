from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
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


#: Addresses that are nearly as usual: long and short parts, dots, hyphens and domains of their own kind.
_PARTS = st.text(alphabet="abzAZ019_+-.'é", max_size=5) | st.sampled_from(["a" * 63, "a" * 64, "a" * 65])
_ENDS = st.sampled_from(["example", "test", "invalid", "local", "arpa", "de", "c", "x1", "xn--p1ai", "É"])
_DOMAINS = st.builds(lambda parts, end: ".".join([*parts, end]), st.lists(_PARTS, max_size=4), _ENDS)
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain}", _PARTS, _DOMAINS)


@given(ADDRESSES)
@example("a@a--b.example")
@example("a@ab--b.example")
@example("a@xn--mller-kva.example")
@example(f"{'a' * 64}@b.example")
@example(f"{'a' * 65}@b.example")
@example(f"a@{'b' * 63}.example")
@example(f"a@{'b' * 64}.example")
@example(f"a@{'b.' * 120}example")
@example("a@b.test")
@example("a@b.invalid")
@example("a@b.example\n")
def test_the_library_would_say_the_same_of_a_usual_address(address: str) -> None:
    try:
        kept = validate_email(
            address, check_deliverability=False, test_environment=True, allow_smtputf8=False
        ).ascii_email
    except EmailNotValidError:
        with pytest.raises(InvalidContact):
            EmailContact.parse(address)
    else:
        assert EmailContact.parse(address).address == kept


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
