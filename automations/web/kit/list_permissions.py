"""Who may arrange lists, change many records at once, and merge customers: a part of permissions.py."""

from __future__ import annotations

from collections.abc import Mapping

LISTS: Mapping[str, str] = {
    "column_choices.update": "view",
    "bulk_changes.create": "edit",
    "bulk_changes.show": "edit",
    "bulk_changes.start": "edit",
    "bulk_changes.stop": "edit",
    "bulk_changes.undo": "edit",
    "customer_merges.new": "edit",
    "customer_merges.create": "edit",
    "customer_merges.destroy": "edit",
    "daily_letters.show": "public",
    "daily_letters.end": "public",
    "daily_letters.update": "edit",
}
