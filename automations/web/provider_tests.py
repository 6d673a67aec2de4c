"""One test through a provider of the store, and its result kept for the page."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from flask import flash, g

from automations.connectors.delivery import Receipt, Refused, TryAgain, Uncertain
from automations.connectors.secrets import SecretUnreadable
from automations.models import providers, rates
from automations.models.base import db, write


def new_key() -> str:
    """A key no run has."""
    return f"test-{secrets.token_hex(8)}"


def too_often() -> bool:
    """Whether she has to wait, which she is then told: what goes out costs money, and somebody gets it."""
    refusal = rates.refusal(db.session(), g.user.id, rates.TESTED, dt.datetime.now(dt.UTC))
    if refusal:
        flash(refusal, "error")
    return bool(refusal)


def run(kind: str, make: Callable[[], Any], outgoing: object) -> Receipt | None:
    """Send `outgoing` through what `make` returns, keep and show the result; None when it did not go."""
    store_id, user_id = g.store.id, g.user.id
    if too_often():
        return None
    try:
        connector = make()
        # A provider may take long to answer, and no transaction may stay open meanwhile.
        db.session.rollback()
        receipt = connector.send(outgoing)
        result = f"It went out: {receipt.detail}."
    except (Refused, TryAgain, Uncertain, SecretUnreadable) as error:
        receipt, result = None, f"The test did not go out. {error}"
    with write() as session:
        providers.keep_result(session, store_id, user_id, kind, result, dt.datetime.now(dt.UTC))
    flash(result, "success" if receipt else "error")
    return receipt
