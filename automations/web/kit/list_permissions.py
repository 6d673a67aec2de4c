"""Who may arrange lists, search, read help, change many records and merge customers: for permissions.py."""

from __future__ import annotations

from collections.abc import Mapping

LISTS: Mapping[str, str] = {
    "column_choices.update": "view",
    "search.hits": "view",
    "help.index": "view",
    "help.show": "view",
    "keyboard.show": "view",
    "keyboard.update": "view",
    "bulk_changes.create": "edit",
    "bulk_changes.show": "edit",
    "bulk_changes.start": "edit",
    "bulk_changes.stop": "edit",
    "bulk_changes.undo": "edit",
    "customer_merges.new": "edit",
    "customer_merges.create": "edit",
    "customer_merges.destroy": "edit",
}
