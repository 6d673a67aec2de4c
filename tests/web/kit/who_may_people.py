"""Who may change many records at once, arrange lists and merge customers, for who_may.py."""

from __future__ import annotations

MANAGERS = """
        GET /bulk-changes/<int:change_id>
        POST /bulk-changes/of/<any(orders, events, customers):plural>
        POST /bulk-changes/<int:change_id>/start
        POST /bulk-changes/<int:change_id>/stop
        POST /bulk-changes/<int:change_id>/undo
        GET /customers/<number>/merge
        POST /customers/<number>/merge
        POST /customers/<number>/merges/<int:merge_id>/undo
        GET /undo/<int:step_id>
"""
VIEWERS = """
        POST /list-columns/orders
        POST /undo/<int:step_id>
"""
