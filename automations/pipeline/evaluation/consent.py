"""Who agreed to marketing as of now, and the signed address at which it ends."""

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
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.evaluation.frequency_caps import customer_of

#: The kinds of action that need consent and keep quiet hours.
MARKETING = frozenset(key for key, action in ACTIONS.items() if action.marketing)
PATH = "/unsubscribe/"
_SALT = "unsubscribe"


def with_consent(
    session: Session, situation: Situation, store: Store, snapshot: Mapping[str, Any]
) -> Situation:
    """The situation with what the customer agreed to by now, whatever she had when it began."""
    id = customer_of(situation.subject, snapshot)
    agreed = sa.select(Customer.marketing_consent).where(
        Customer.id == (id or 0), Customer.store_id == store.id
    )
    consent = bool(session.execute(agreed).scalar())
    told = {"consent": consent, "unsubscribe_url": url_for(store.id, id) if id else ""}
    return replace(situation, context={**situation.context, CONTEXT: told})


def url_for(store_id: int, customer_id: int) -> str:
    """The address of one customer; "" while nobody said where this program is reached."""
    site = str(current_app.config.get("PUBLIC_URL") or "").rstrip("/")
    return f"{site}{PATH}{token_for(store_id, customer_id)}" if site else ""


def token_for(store_id: int, customer_id: int) -> str:
    """What names a customer in the address, signed so that nobody can make one for another."""
    return str(_serializer().dumps([store_id, customer_id]))


def customer_named(session: Session, token: str) -> Customer | None:
    """The customer of an address; none for one that was not made by us."""
    try:
        store_id, customer_id = _serializer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    found = session.get(Customer, customer_id)
    return found if found and found.store_id == store_id else None


def _serializer() -> URLSafeSerializer:
    # The last key signs, the ones before still count: an old message must be able to end what it began.
    config = current_app.config
    keys = [*(config.get("SECRET_KEY_FALLBACKS") or ()), config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt=_SALT)
