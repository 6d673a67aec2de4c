"""The links on top of each page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for

from automations.models import notices, sign_ins, task_changes
from automations.models.base import db
from automations.models.people import Membership
from automations.web import addresses, cookies
from automations.web.permissions import can, may

#: Label and endpoint; a page that is not there yet has no link.
TOP = (
    ("Automations", "automations.index"),
    ("Orders", "orders.index"),
    ("Events", "events.index"),
    ("Customers", "customers.index"),
    ("Tasks", "tasks.index"),
    ("Activity", "activity.index"),
    ("Mailbox", "mailbox.index"),
)
#: Pages that have a tab beside one of the links, and no link of their own.
TABS = {"customers.index": "accounts.index"}
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    current: bool
    #: What waits there, for a badge.
    count: int = 0


def navigation(entries: tuple[tuple[str, str], ...] = TOP) -> list[Item]:
    """The links this person may use; the one she is on, or below, is current."""
    usable = [(label, one) for label, one in entries if has_endpoint(one) and may(one)]
    return [Item(label, url_for(one), _is_current(one), _count(one)) for label, one in usable]


def tabs() -> list[Item]:
    """The tabs of the people a store knows: customers, and the accounts they buy through."""
    pages = (("Customers", "customers.index"), ("Accounts", "accounts.index"))
    urls = [(label, url_for(endpoint)) for label, endpoint in pages]
    return [Item(label, url, _is_at_or_below(url)) for label, url in urls]


def has_endpoint(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def other_memberships() -> list[Membership]:
    """The stores a person could switch to."""
    found = sign_ins.memberships(db.session(), g.user.id)
    return [membership for membership in found if membership.store_id != g.store.id]


def unread_notices() -> int:
    """How many notices the bell has for this person."""
    return notices.count_unread(db.session(), g.store.id, g.user.id)


def register(app: Flask) -> None:
    """Give the templates what the layout needs."""
    app.jinja_env.globals.update(
        navigation=navigation,
        tabs=tabs,
        has_endpoint=has_endpoint,
        other_memberships=other_memberships,
        can=can,
        may=may,
        here=addresses.here,
        unread_notices=unread_notices,
        at_most_99=at_most_99,
    )
    app.context_processor(lambda: {"theme": _theme()})


def at_most_99(count: int) -> str:
    """A count as a badge has room for it."""
    return str(count) if count < 100 else "99+"


def _count(endpoint: str) -> int:
    return task_changes.count_open(db.session(), g.store.id) if endpoint == "tasks.index" else 0


def _theme() -> str:
    chosen = request.cookies.get(cookies.name(cookies.THEME), "")
    return chosen if chosen in THEMES else "system"


def _is_current(endpoint: str) -> bool:
    pages = [endpoint, *filter(None, [TABS.get(endpoint)])]
    return any(_is_at_or_below(url_for(page)) for page in pages)


def _is_at_or_below(url: str) -> bool:
    return request.path == url or request.path.startswith(url.rstrip("/") + "/")
