"""The navigation at the top of each page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Flask, current_app, g, request, url_for

from automations.actions.shared.recipients import ROLES
from automations.models.db.base import db
from automations.models.inbox import what_waits
from automations.models.inbox.what_waits import WhatWaits
from automations.web.kit import cookies, safe_redirect
from automations.web.kit.permissions import can, may

#: Label and endpoint. An endpoint that does not exist gets no link.
TOP = (
    ("Today", "home.show"),
    ("Automations", "automations.index"),
    ("Orders", "orders.index"),
    ("Events", "events.index"),
    ("Customers", "customers.index"),
    ("Tasks", "tasks.index"),
    ("Activity", "activity.index"),
    ("Mailbox", "mailbox.index"),
)
#: Pages reached by a tab or a button of a linked page, without a link of their own.
TABS = {
    "customers.index": ("accounts.index", "segments.index", "campaigns.index"),
    "automations.index": ("expectations.index",),
}
#: Blueprints whose pages belong to a linked page, though their addresses do not begin with its own.
BELOW = {"lists.index": "choices", "shops.index": "shop_delivery_pages"}
THEMES = ("light", "dark")


@dataclass(frozen=True)
class NavigationItem:
    label: str
    url: str
    current: bool
    #: Number of what waits there for this person, for a badge, and what it counts: "open".
    count: int = 0
    counted: str = ""
    key: str = ""


def navigation(entries: tuple[tuple[str, str], ...] = TOP) -> list[NavigationItem]:
    """Return the links this person may use. The one at or above the page being shown is current."""
    usable = [(label, endpoint) for label, endpoint in entries if has_endpoint(endpoint) and may(endpoint)]
    return [
        NavigationItem(label, url_for(endpoint), _is_current(endpoint), *_count(endpoint), endpoint)
        for label, endpoint in usable
    ]


def tabs() -> list[NavigationItem]:
    """Return the tabs of customers: the accounts they buy through, their segments, what is sent to those."""
    pages = ("Customers", "Accounts", "Segments", "Campaigns")
    urls = [(label, url_for(f"{label.lower()}.index")) for label in pages if may(f"{label.lower()}.index")]
    return [NavigationItem(label, url, _is_at_or_below(url)) for label, url in urls]


def has_endpoint(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


#: Where a request keeps what waits for the person.
_WAITING = "automations.waiting"


def waiting() -> WhatWaits:
    """Return how much waits for this person, counted once for a page; no decisions if they may not decide."""
    if _WAITING not in request.environ:
        roles = [key for key, role in ROLES.items() if g.membership.role in role.roles]
        counts = what_waits.count(db.session(), g.store.id, g.user.id, roles)
        request.environ[_WAITING] = counts if can("edit") else replace(counts, decisions=0)
    counted: WhatWaits = request.environ[_WAITING]
    return counted


def unread_notices() -> int:
    """Return the number of this person's unread notifications, for the bell."""
    return waiting().unread


def decisions_waiting() -> int:
    """Return how many decisions wait for this person; 0 if they may not decide."""
    return waiting().decisions


def register(app: Flask) -> None:
    """Make what the layout needs available to templates."""
    app.jinja_env.globals.update(
        navigation=navigation,
        tabs=tabs,
        has_endpoint=has_endpoint,
        can=can,
        may=may,
        here=safe_redirect.current_page,
        unread_notices=unread_notices,
        decisions_waiting=decisions_waiting,
        at_most_99=at_most_99,
    )
    app.context_processor(lambda: {"theme": _theme()})


def at_most_99(count: int) -> str:
    """Return `count` as text that fits a badge."""
    return str(count) if count < 100 else "99+"


def _count(endpoint: str) -> tuple[int, str]:
    if endpoint == "home.show":
        undecided = decisions_waiting()
        return undecided, "needs you" if undecided == 1 else "need you"
    if endpoint == "tasks.index":
        return waiting().tasks, "open"
    return 0, ""


def _theme() -> str:
    chosen = request.cookies.get(cookies.name(cookies.THEME), "")
    return chosen if chosen in THEMES else "system"


def _is_current(endpoint: str) -> bool:
    pages = (endpoint, *TABS.get(endpoint, ()))
    below = request.blueprint is not None and BELOW.get(endpoint) == request.blueprint
    return below or any(_is_at_or_below(url_for(page)) for page in pages)


def _is_at_or_below(url: str) -> bool:
    # Everything is below the first page, so that one counts for itself alone.
    return request.path == url or (url != "/" and request.path.startswith(url.rstrip("/") + "/"))
