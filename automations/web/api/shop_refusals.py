"""Why a delivery of a shop is refused, in sentences for the page of the shop."""

from __future__ import annotations

from automations.connectors.sources.shop_messages import ShopRequest
from automations.connectors.sources.shop_source import ShopSource

NOT_SET = "The connection has no secret yet. Enter it in the settings, and send again."
NOT_CHOSEN = "Nobody has chosen yet how its messages are authenticated. Choose it in the settings."
WRONG = "The signature does not match, or it is more than five minutes old."
UNSIGNED = "There is no signature. Check that the secret is set on both sides."


def why(sent: ShopRequest, source: ShopSource, *, has_keys: bool) -> str:
    """Return why a message that proves nothing is refused."""
    if not has_keys:
        return NOT_CHOSEN if source.is_mapped else NOT_SET
    signed = any(word in name for word in ("hmac", "signature", "authorization") for name in sent.headers)
    return WRONG if signed else UNSIGNED
