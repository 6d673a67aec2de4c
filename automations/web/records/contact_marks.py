"""Whether the address and the phone of a customer can be written to, as the lists mark it."""

from __future__ import annotations

from flask import g

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.phone_numbers import PhoneContact


def bad_email(address: str) -> bool:
    """Return whether there is an address that no email can go to."""
    try:
        return bool(address) and not EmailContact.parse(address)
    except InvalidContact:
        return True


def bad_phone(number: str) -> bool:
    """Return whether there is a number, read as one of the store's country, that no text can go to."""
    try:
        return bool(number) and not PhoneContact.parse(number, g.store.region)
    except InvalidContact:
        return True
