"""Who may use the pages of shops and of other programs that send, for permissions.py."""

from __future__ import annotations

from collections.abc import Mapping

SHOPS: Mapping[str, str] = {
    "shops.index": "edit",
    "shops.show": "edit",
    "shops.new": "admin",
    "shops.create": "admin",
    "shops.destroy": "admin",
    "shop_secrets.update": "admin",
    "shop_secrets.create": "admin",
    "shop_secrets.options": "admin",
    "shop_signatures.update": "admin",
    "shop_mapping.index": "edit",
    "shop_mapping.update": "edit",
    "shop_mapping.destroy": "edit",
    "shop_mapping.kind": "edit",
    "shop_access.update": "admin",
    "shop_access.destroy": "admin",
    "shop_catch_ups.create": "edit",
    "shop_catch_ups.stop": "edit",
    "shop_catch_ups.go_on": "edit",
    "shop_conflicts.update": "edit",
    "shop_words.index": "edit",
    "shop_words.update": "edit",
    "shop_words.create": "edit",
    "shop_delivery_pages.show": "edit",
    "shop_delivery_pages.create": "edit",
}
