"""The buyer, as Shopify's customers and orders have them."""

from __future__ import annotations

from automations.connectors.sources.payload import Data, identity, moment, text
from automations.connectors.sources.shop_messages import ShopCustomer
from automations.engine.fields.language_tags import language_tag

#: What people said about marketing. “not_subscribed” and “pending” say nothing.
_CONSENT = {"subscribed": True, "unsubscribed": False, "redacted": False}
#: Parts in which an empty text says nothing.
EMAIL, PHONE, NAMED = 254, 50, 200


def buyer_of(order: Data) -> ShopCustomer | None:
    """Return the buyer of an order, never who it is shipped to; None for nobody in particular."""
    customer, billing = order.get("customer") or {}, order.get("billing_address") or {}
    parts: dict[str, str | bool] = dict(customer_parts(customer))
    others = {
        "email": text(order, "email", longest=EMAIL) or text(order, "contact_email", longest=EMAIL),
        "first_name": text(billing, "first_name", longest=NAMED),
        "last_name": text(billing, "last_name", longest=NAMED),
        "phone": text(billing, "phone", longest=PHONE) or text(order, "phone", longest=PHONE),
    }
    if "first_name" in parts or "last_name" in parts:
        # Half of one name and half of another would make a third person.
        del others["first_name"], others["last_name"]
    parts = {**{name: value for name, value in others.items() if value}, **parts}
    if not parts.keys() & {"email", "first_name", "last_name", "phone"}:
        return None
    language = language_tag(text(order, "customer_locale"))
    if language:
        parts["language"] = language
    return ShopCustomer(identity(customer, "id"), parts, moment(order, "updated_at"))


def consent_of(news: Data) -> ShopCustomer:
    """Return a customer of whom only what they said about marketing is told."""
    named = {"email": news.get("email_address"), "email_marketing_consent": news["email_marketing_consent"]}
    told = moment(news, "email_marketing_consent", "consent_updated_at")
    return ShopCustomer(identity(news, "customer_id"), customer_parts(named), told)


def customer_parts(customer: object) -> dict[str, str | bool]:
    """Return what a customer's object says about them."""
    lengths = {"email": EMAIL, "first_name": NAMED, "last_name": NAMED, "phone": PHONE}
    said = {name: text(customer, name, longest=longest) for name, longest in lengths.items()}
    parts: dict[str, str | bool] = {name: value for name, value in said.items() if value}
    consent = _CONSENT.get(text(customer, "email_marketing_consent", "state"))
    return parts if consent is None else parts | {"marketing_consent": consent}
