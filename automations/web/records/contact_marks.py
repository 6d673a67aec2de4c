"""Whether the address and the phone of a customer can be written to, as the lists mark it."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, request

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.phone_numbers import PhoneContact

#: Where a request keeps what it found out: a list shows an address in its table and on its card.
_KNOWN = "automations.contact_marks"


def bad_email(address: str) -> bool:
    """Return whether there is an address that no email can go to."""
    return _once(("email", address), lambda: _fails(lambda: EmailContact.parse(address)))


def bad_phone(number: str) -> bool:
    """Return whether there is a number, read as one of the store's country, that no text can go to."""
    return _once(("phone", number), lambda: _fails(lambda: PhoneContact.parse(number, g.store.region)))


def _once(contact: tuple[str, str], ask: Callable[[], bool]) -> bool:
    known: dict[tuple[str, str], bool] = request.environ.setdefault(_KNOWN, {})
    if contact not in known:
        known[contact] = bool(contact[1]) and ask()
    return known[contact]


def _fails(parse: Callable[[], object]) -> bool:
    try:
        parse()
    except InvalidContact:
        return True
    return False
