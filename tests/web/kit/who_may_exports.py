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
        GET /automations.csv
        GET /automations/archived.csv
        GET /automations/<int:automation_id>/versions.csv
        GET /automations/<int:automation_id>/examples.csv
        GET /automations/<int:automation_id>/backtests.csv
        GET /expectations.csv
        GET /sessions.csv
"""
MANAGERS = """
        GET /imports.csv
        GET /settings/fields.csv
        GET /settings/lists/<list_key>.csv
        GET /settings/email-files.csv
        GET /settings/shops.csv
        GET /settings/shops/<int:shop_id>/messages.csv
        GET /settings/shops/<int:shop_id>/words.csv
"""
ADMINS = """
        GET /settings/team.csv
        GET /settings/stores.csv
        GET /settings/keys.csv
        GET /settings/webhooks.csv
        GET /settings/connections/secrets.csv
"""
