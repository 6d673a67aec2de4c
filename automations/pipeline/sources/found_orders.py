"""An order that was asked for, as the message that did not bring it."""

from __future__ import annotations

import json
from typing import Any

from automations.connectors.sources.shop_messages import ShopRequest

#: The header in which a source says what a message is about.
_TOPICS = {"shopify": "x-shopify-topic", "woocommerce": "x-wc-webhook-topic"}


def as_message(kind: str, topic: str, order: dict[str, Any]) -> ShopRequest:
    """Return the order as its source would send it."""
    body = json.dumps(order, default=str, ensure_ascii=False, separators=(",", ":"))
    return ShopRequest(body.encode(), {_TOPICS[kind]: topic} if kind in _TOPICS else {})
