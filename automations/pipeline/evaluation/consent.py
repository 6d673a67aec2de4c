"""The present marketing consent of customers, and the signed addresses by which they unsubscribe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.send_marketing import CONTEXT
from automations.actions.shared.action_kind import Situation
from automations.models.accounts import merged_customers
from automations.models.db.fast_select import Lookup
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.evaluation.frequency_caps import customer_of

#: The kinds of action that need consent and keep quiet hours.
MARKETING = frozenset(key for key, action in ACTIONS.items() if action.marketing)
PATH = "/unsubscribe/"
_SALT = "unsubscribe"
#: No customer has this id; the address is as long as a real one, so that a preview counts the same parts.
_NOBODY = 0
_CONSENT = Lookup(
    lambda _: sa.select(Customer.marketing_consent).where(
        Customer.id == merged_customers.now_id(sa.bindparam("customer_id", type_=Customer.id.type)),
        Customer.store_id == sa.bindparam("store_id"),
    )
)


def with_consent(
    session: Session, situation: Situation, store: Store, snapshot: Mapping[str, Any]
) -> Situation:
    """Return the situation with the customer's present consent, whatever the snapshot says."""
    id = customer_of(situation.subject, snapshot)
    marketing = {
        "consent": has_consent(session, store.id, id),
        "unsubscribe_url": url_for(store.id, id) if id else "",
    }
    return replace(situation, context={**situation.context, CONTEXT: marketing})


def with_supposed_consent(situation: Situation, store: Store, snapshot: Mapping[str, Any]) -> Situation:
    """Return the situation with the consent that the snapshot tells, and a link that unsubscribes nobody."""
    customer = snapshot if situation.subject == "customer" else snapshot.get("customer") or {}
    consent = bool(customer.get("marketing_consent"))
    marketing = {"consent": consent, "unsubscribe_url": url_for(store.id, _NOBODY)}
    return replace(situation, context={**situation.context, CONTEXT: marketing})


def has_consent(session: Session, store_id: int, customer_id: int | None) -> bool:
    """Return whether a customer of the store has agreed to marketing, as of now."""
    row = _CONSENT.first(session, customer_id=customer_id or 0, store_id=store_id)
    return row is not None and bool(row["marketing_consent"])


def url_for(store_id: int, customer_id: int) -> str:
    """Return the unsubscribe address of one customer; "" while PUBLIC_URL is not set."""
    site = str(current_app.config.get("PUBLIC_URL") or "").rstrip("/")
    return f"{site}{PATH}{token_for(store_id, customer_id)}" if site else ""


def token_for(store_id: int, customer_id: int) -> str:
    """Return the signed token that identifies a customer in the address."""
    return str(_serializer().dumps([store_id, customer_id]))


def customer_named(session: Session, token: str) -> Customer | None:
    """Return the customer that a token identifies; None if the token is not ours."""
    try:
        store_id, customer_id = _serializer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    customer = session.scalar(sa.select(Customer).where(Customer.id == merged_customers.now_id(customer_id)))
    return customer if customer and customer.store_id == store_id else None


def _serializer() -> URLSafeSerializer:
    # The last key signs, the earlier ones still verify: the link in an old message must keep working.
    config = current_app.config
    keys = [*(config.get("SECRET_KEY_FALLBACKS") or ()), config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt=_SALT)
