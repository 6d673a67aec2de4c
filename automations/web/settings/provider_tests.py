"""Sending a test through a provider of the store and storing its result for the page."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from flask import flash, g

from automations.connectors.receipts import Receipt, Refused, TryAgain, Uncertain
from automations.connectors.secret_encryption import SecretUnreadable
from automations.models.access import action_rate_limit
from automations.models.db.base import db, write
from automations.models.settings import providers


def new_key() -> str:
    """Return an idempotency key that no run has."""
    return f"test-{secrets.token_hex(8)}"


def too_often() -> bool:
    """Return whether the person has to wait before another test, and tell them so.

    A test costs money, and someone receives it.
    """
    refusal = action_rate_limit.limit_message(
        db.session(), g.user.id, action_rate_limit.TESTED, dt.datetime.now(dt.UTC)
    )
    if refusal:
        flash(refusal, "error")
    return bool(refusal)


def run(kind: str, make: Callable[[], Any], outgoing: object) -> Receipt | None:
    """Send `outgoing` through the connector that `make` returns; store and show the result.

    Return the receipt, or None if nothing was sent.
    """
    store_id, user_id = g.store.id, g.user.id
    if too_often():
        return None
    receipt: Receipt | None = None
    try:
        connector = make()
        # A provider may take long to answer; an open transaction would block others meanwhile.
        db.session.rollback()
        sent: Receipt = connector.send(outgoing)
        receipt, result = sent, sent.told("The test")
    except (Refused, TryAgain, Uncertain, SecretUnreadable) as error:
        result = f"The test was not sent. {error}"
    with write() as session:
        providers.keep_result(session, store_id, user_id, kind, result, dt.datetime.now(dt.UTC))
    flash(result, "success" if receipt else "error")
    return receipt
