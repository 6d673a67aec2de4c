"""The people of Square: customers of its directory, and those named on an order or a payment."""

from __future__ import annotations

from automations.connectors.sources.payload import Data, address_parts, text


def customer_parts(customer: object) -> dict[str, str | bool]:
    """Return what a customer's object says about them. Not to have unsubscribed is no consent."""
    said = {
        "email": text(customer, "email_address", longest=254),
        "first_name": text(customer, "given_name"),
        "last_name": text(customer, "family_name"),
        "phone": text(customer, "phone_number", longest=50),
    }
    parts: dict[str, str | bool] = {name: value for name, value in said.items() if value}
    preferences = customer.get("preferences") if isinstance(customer, dict) else None
    unsubscribed = isinstance(preferences, dict) and preferences.get("email_unsubscribed") is True
    return parts | {"marketing_consent": False} if unsubscribed else parts


def recipient_parts(recipient: object) -> dict[str, str | bool]:
    """Return what the recipient of a fulfilment says about the buyer, where nothing else does."""
    first, _, last = text(recipient, "display_name").partition(" ")
    said = {
        "email": text(recipient, "email_address", longest=254),
        "first_name": first,
        "last_name": last,
        "phone": text(recipient, "phone_number", longest=50),
    }
    return {name: value for name, value in said.items() if value}


def delivery_of(recipient: object) -> dict[str, object]:
    """Return who receives the order, and where."""
    if not isinstance(recipient, dict):
        return {}
    kept = recipient.get("address")
    address: Data = kept if isinstance(kept, dict) else {}
    named = {**address, "city": address.get("locality"), "phone": recipient.get("phone_number")}
    street = ("address_line_1", "address_line_2")
    where = address_parts(named, street, "administrative_district_level_1", "postal_code") if address else {}
    return {"recipient": text(recipient, "display_name"), "delivery_address": where or None}
