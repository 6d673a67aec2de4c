"""Who may have the file of which list, for who_may.py."""

from __future__ import annotations

VIEWERS = """
        GET /segments.csv
        GET /campaigns.csv
        GET /notifications.csv
        GET /customers/<number>/messages.csv
        GET /needs-you.csv
        GET /automations/<int:automation_id>/runs.csv
        GET /automations/<int:automation_id>/upcoming.csv
        GET /automations/<int:automation_id>/hold.csv
"""
MANAGERS = """
        GET /settings/shops.csv
        GET /settings/shops/<int:shop_id>/messages.csv
        GET /settings/shops/<int:shop_id>/words.csv
"""
