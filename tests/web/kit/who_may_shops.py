"""Who may use the pages of shops and call the hooks, for who_may.py."""

from __future__ import annotations

#: What anybody may call, with a signature.
ANYBODYS = """
        POST /hooks/easypost/<token>
        POST /hooks/records/<token>
        POST /hooks/<kind>/<token>
"""
MANAGERS = """
        GET /settings/shops
        GET /settings/shops/<int:shop_id>
        GET /settings/shops/<int:shop_id>/words
        GET /settings/shops/<int:mapped_id>/mapping
        POST /settings/shops/<int:mapped_id>/mapping
        POST /settings/shops/<int:mapped_id>/mapping/removals
        POST /settings/shops/<int:mapped_id>/mapping/kind
        GET /settings/shop-deliveries/<int:delivery_id>
        POST /settings/shops/<int:shop_id>/words
        POST /settings/shops/<int:shop_id>/retakes
        POST /settings/shops/<int:shop_id>/catch-ups
        POST /settings/shops/<int:shop_id>/catch-ups/stop
        POST /settings/shops/<int:shop_id>/catch-ups/go-on
        POST /settings/shop-deliveries/<int:delivery_id>/retakes
        POST /shop-conflicts/<int:link_id>
"""
ADMINS = """
        GET /settings/shops/new
        POST /settings/shops
        POST /settings/shops/<int:shop_id>/access
        POST /settings/shops/<int:shop_id>/access/removal
        POST /settings/shops/<int:shop_id>/closing
        POST /settings/shops/<int:shop_id>/new-secret
        POST /settings/shops/<int:shop_id>/options
        POST /settings/shops/<int:shop_id>/secret
        POST /settings/shops/<int:mapped_id>/signature
"""
