"""The addresses that `pages.py` asks for: every page, its older pages, its filters and its searches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from automations.features.figures.outcomes import SERIES
from automations.features.history.log_filter import OUTCOME_LABELS
from automations.web.kit.permissions import PERMISSIONS
from benchmarks.pages_shop import Shop
from tests.kit.pages.permitted import NO_PAGES, filled, page_addresses

#: Files to take away, what another server has to answer, and what a monitoring program asks.
NOT_PAGES = re.compile(r"\.csv|\.zip|\.json|/export|/file|single-sign-on|/metrics|/health|/\.well-known")
#: The key that the address of an older page continues from.
KEY = re.compile(r'href="([^"]*[?&](?:amp;)?(?:before|after)=)(\d+)')
#: The address of what a page loads after it is shown, because it reads much.
LATER = re.compile(r'hx-get="([^"]*[?&](?:amp;)?whole=1)"')
PEOPLE = ("Lind", "Hart", "an", "Anna", "Zzyzx", "anna@", "Mary Ann O'Neil")
NUMBERS = ("1", "N-1", "10482", "no such number")


def addresses(shop: Shop) -> list[str]:
    """Return every address once, in the order of the routes."""
    plain = [*page_addresses(shop.app, shop.ids), *_busy(shop), *_filtered(shop), *_searched()]
    wanted = [one for one in dict.fromkeys(plain) if not NOT_PAGES.search(one)]
    return list(dict.fromkeys([*wanted, *(deep for one in wanted for deep in _older(shop, one))]))


def later(shop: Shop, pages: Iterable[str]) -> list[str]:
    """Return what these pages load after they are shown."""
    found = (LATER.search(shop.client.get(page).text) for page in pages)
    return [one[1].replace("&amp;", "&") for one in found if one]


def _busy(shop: Shop) -> Iterator[str]:
    for rule in shop.app.url_map.iter_rules():
        page = rule.endpoint not in NO_PAGES and not PERMISSIONS[rule.endpoint].startswith("api:")
        if page and "GET" in (rule.methods or ()) and rule.arguments & shop.busy.keys():
            plural = str((rule.defaults or {}).get("plural", rule.rule))
            if "orders" in plural or "number" not in rule.arguments:
                yield from filled(shop.app, rule, shop.busy)


def _filtered(shop: Shop) -> Iterator[str]:
    automation = {"automation": shop.busy["automation_id"]}
    dates = {"from": "2026-10-01", "to": "2026-10-03"}
    for outcome in OUTCOME_LABELS:
        for also in ({}, automation, {"subject": "event"}, dates, {"number": shop.busy["number"]}):
            yield f"/activity?{urlencode({'outcome': outcome} | also)}"
    for only in (
        automation,
        {"subject": "event"},
        dates,
        {"number": shop.busy["number"]},
        automation | dates,
    ):
        yield f"/activity?{urlencode(only)}"
    for outcome in (*SERIES, "failed", "dropped"):
        yield f"/automations/{shop.busy['automation_id']}/runs?outcome={outcome}"
    for state in ("open", "done"):
        for who in ("", "mine", "nobody"):
            for due in ("", "overdue", "today"):
                yield f"/tasks?{urlencode({'state': state, 'who': who, 'due': due})}"
    for name, key in _STATUSES:
        yield f"/orders?{name}={key}"
    for text in ("signed in", "Rosa", "no such thing"):
        yield f"/settings/audit?{urlencode({'q': text})}"
    yield "/settings/audit?who=program"
    yield "/settings/audit?since=2026-10-01&until=2026-10-02"


#: One that many orders have, some that few have, and one that none has.
_STATUSES = (
    *(("status", key) for key in ("fulfilled", "confirmed", "cancelled", "on_hold")),
    *(("payment_status", key) for key in ("paid", "unpaid", "refunded", "void")),
    *(("fulfilment_method", key) for key in ("delivery", "relay")),
)


def _searched() -> Iterator[str]:
    for text in (*PEOPLE, *NUMBERS):
        words = urlencode({"q": text})
        for path in ("/search", "/orders", "/events", "/customers", "/accounts", "/automations"):
            yield f"{path}?{words}"
        yield f"/options/customers?{urlencode({'customer': text})}"
        yield f"/options/accounts?{urlencode({'account': text})}"


def _older(shop: Shop, address: str) -> Iterator[str]:
    """Yield the next page of a list, one half way and one near its end."""
    text = shop.client.get(address).text
    for beginning, key in KEY.findall(text):
        path = beginning.replace("&amp;", "&")
        if path.split("?")[0] == address.split("?", maxsplit=1)[0]:
            yield from (f"{path}{place}" for place in (int(key), int(key) // 2, max(int(key) // 50, 1)))
