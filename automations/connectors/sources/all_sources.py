"""The sources we know, by key."""

from __future__ import annotations

from collections.abc import Mapping

from automations.connectors.sources import (
    aftership,
    bigcommerce,
    lightspeed,
    other_source,
    shippo,
    shopify,
    square,
    stripe,
    woocommerce,
)
from automations.connectors.sources.shop_source import ShopSource

_ALL = (shopify, woocommerce, square, bigcommerce, lightspeed, stripe, shippo, aftership, other_source)
SOURCES: Mapping[str, ShopSource] = {one.SOURCE.key: one.SOURCE for one in _ALL}
