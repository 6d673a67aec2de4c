"""The pages a person may open and the new things they may make, found by their names."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from automations.web.help import help_pages
from automations.web.kit.permissions import may
from automations.web.palette.hits import Hit, says
from automations.web.settings.settings_index import GROUPS

#: Label, endpoint, icon, and what a person finds there.
PAGES = (
    ("Today", "home.show", "sun", "What needs you, and the day so far"),
    ("Automations", "automations.index", "bolt", "All automations with their state"),
    ("Orders", "orders.index", "list", "Every order, with filters"),
    ("Events", "events.index", "calendar", "Weddings, funerals and corporate jobs"),
    ("Customers", "customers.index", "users", "Every customer, with filters"),
    ("Accounts", "accounts.index", "users", "Companies that customers buy through"),
    ("Segments", "segments.index", "filter", "Groups of customers"),
    ("Campaigns", "campaigns.index", "send", "One message to a segment"),
    ("Tasks", "tasks.index", "check-square", "What people have to do"),
    ("Activity", "activity.index", "history", "What happened, and what automations did"),
    ("Needs you", "runs.index", "alert", "Messages that failed or may not have arrived"),
    ("Mailbox", "mailbox.index", "inbox", "Every message that was sent or kept here"),
    ("Notifications", "notifications.index", "bell", "Notices for you"),
    ("Expectations", "expectations.index", "check-circle", "What has to follow, checked against the log"),
    ("Archived automations", "archive.index", "archive", "To look at or restore"),
    ("Sort and group automations", "arrange.index", "list", "Which one runs first"),
    ("Import a file", "imports.index", "download", "Customers, orders or events from CSV"),
    ("Settings", "settings.index", "settings", "Everything that can be set"),
    ("Where you are signed in", "sessions.index", "lock", "Your browsers, and your password"),
    ("Help", "help.index", "help-circle", "What words mean and how things work"),
    ("Keyboard shortcuts", "keyboard.show", "help-circle", "All keys, and switching single keys off"),
)
#: Label, endpoint, icon and the single key.
NEW = (
    ("New automation", "starters.index", "c"),
    ("New order", "orders.new", ""),
    ("New event", "events.new", ""),
    ("New customer", "customers.new", ""),
    ("New account", "accounts.new", ""),
    ("New segment", "segments.new", ""),
    ("New campaign", "campaigns.new", ""),
    ("New expectation", "expectations.new", ""),
)
#: What is offered before anything is typed.
FIRST_PAGES, FIRST_NEW = 6, 4


def pages(text: str) -> list[Hit]:
    """Return the pages whose name or description has the words of `text`; those found by name come first."""
    if not text:
        return list(_pages())[:FIRST_PAGES]
    found = [hit for hit in (*_pages(), *_settings()) if says(text, hit.label, hit.note)]
    return sorted(found, key=lambda hit: not says(text, hit.label))


def new(text: str) -> list[Hit]:
    """Return what this person may make, by its name."""
    hits = [Hit(label, url_for(endpoint), "plus", key=key) for label, endpoint, key in NEW if may(endpoint)]
    return [hit for hit in hits if says(text, hit.label, "create add")] if text else hits[:FIRST_NEW]


def explained(text: str, most: int) -> list[Hit]:
    """Return what Help explains under a heading that has the words of `text`."""
    found = help_pages.search(text, most) if text else []
    named = [one.section for one in found if says(text, one.section.title)]
    return [Hit(one.title, help_pages.url_of(one), "help-circle", one.first_sentences) for one in named]


def _pages() -> Iterator[Hit]:
    for label, endpoint, icon, about in PAGES:
        if may(endpoint):
            yield Hit(label, url_for(endpoint), icon, about)


def _settings() -> Iterator[Hit]:
    for entries in GROUPS.values():
        for label, endpoint, about in entries:
            if may(endpoint):
                yield Hit(label, url_for(endpoint), "settings", f"Settings: {about.rstrip('.')}")
