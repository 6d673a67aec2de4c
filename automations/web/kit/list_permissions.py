"""Who may arrange lists, keep filters, search, read help, change or run many records at once, and merge
customers: a part of permissions.py.
"""

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
    "customer_messages.index": "view",
    "saved_filters.create": "view",
    "saved_filters.edit": "view",
    "saved_filters.update": "view",
    "saved_filters.destroy": "view",
    "runs.show": "view",
    "manual_runs.new": "edit",
    "manual_runs.select": "edit",
    "manual_runs.review": "edit",
    "manual_runs.create": "edit",
    "daily_summaries.show": "public",
    "daily_summaries.moved": "public",
    "daily_summaries.end": "public",
    "daily_summaries.update": "edit",
    "daily_summaries.settle": "edit",
}
