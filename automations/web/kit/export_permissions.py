"""Who may have the file of a list: whoever may see the list. A part of permissions.py."""

from __future__ import annotations

from collections.abc import Mapping

EXPORTS: Mapping[str, str] = {
    "audience_exports.segments": "view",
    "audience_exports.campaigns": "view",
    "notification_exports.export": "view",
    "customer_message_exports.export": "view",
    "run_exports.needs_you": "view",
    "run_exports.of_automation": "view",
    "run_exports.upcoming_runs": "view",
    "run_exports.held": "view",
    "automation_exports.automations": "view",
    "automation_exports.archived": "view",
    "automation_exports.versions": "view",
    "automation_exports.examples": "view",
    "automation_exports.backtests": "view",
    "automation_exports.expectations": "view",
    "settings_exports.sessions": "view",
    "shop_exports.shops": "edit",
    "shop_exports.messages": "edit",
    "shop_exports.words": "edit",
    "import_files.export_all": "edit",
    "settings_exports.fields": "edit",
    "settings_exports.choices": "edit",
    "settings_exports.files": "edit",
    "settings_exports.team": "admin",
    "settings_exports.stores": "admin",
    "settings_exports.keys": "admin",
    "settings_exports.hooks": "admin",
    "settings_exports.secrets": "admin",
}
