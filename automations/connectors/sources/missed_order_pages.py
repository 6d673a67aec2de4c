"""Pages of the orders that a shop changed since some time: WooCommerce's and Shopify's."""

from __future__ import annotations

import base64
import datetime as dt
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from automations.connectors.sources.payload import NotUnderstood, objects
from automations.connectors.sources.shop_api import Asking, ShopAccess
from automations.connectors.sources.shop_source import OrderPage, ShopApi

A_PAGE = 20
#: The version of Shopify's API whose orders are read as its webhooks are.
_SHOPIFY = "/admin/api/2026-07/orders.json"
#: An order that is deleted meanwhile moves the others up by one place.
_OVERLAP = 2


def woocommerce_page(asking: Asking, since: dt.datetime, cursor: str) -> OrderPage:
    """Return the page that begins after `cursor` orders: by id, so that a later change moves none."""
    seen = int(cursor or 0)
    begins = max(seen - _OVERLAP, 0)
    path = (
        f"/wp-json/wc/v3/orders?modified_after={since.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}&dates_are_gmt=true"
        f"&orderby=id&order=asc&per_page={A_PAGE}&offset={begins}"
    )
    orders = _orders(asking.ask(path).data)
    return OrderPage(orders, "" if len(orders) < A_PAGE else str(begins + len(orders)), "order.updated")


def shopify_page(asking: Asking, since: dt.datetime, cursor: str) -> OrderPage:
    """Return the page that `cursor` names; Shopify says itself where the next one begins."""
    if cursor:
        path = f"{_SHOPIFY}?limit={A_PAGE}&page_info={quote(cursor, safe='')}"
    else:
        begins = quote(since.astimezone(dt.UTC).isoformat(timespec="seconds"), safe="")
        path = f"{_SHOPIFY}?status=any&limit={A_PAGE}&updated_at_min={begins}"
    answer = asking.ask(path)
    data = answer.data if isinstance(answer.data, dict) else {}
    return OrderPage(_orders(data.get("orders")), _next(answer.headers.get("link", "")), "orders/updated")


def _orders(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, list):
        raise NotUnderstood("The shop’s answer holds no list of orders. Check the address.")
    return objects({"orders": data}, "orders")


def _next(header: str) -> str:
    """Return the cursor in a header of links; nothing else of the link is believed."""
    for link in header.split(","):
        match = re.search(r"<([^>]*)>", link)
        if match and 'rel="next"' in link:
            return next(iter(parse_qs(urlsplit(match[1]).query).get("page_info", [])), "")
    return ""


def _basic(access: ShopAccess) -> dict[str, str]:
    pair = base64.b64encode(f"{access.name}:{access.token}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


WOOCOMMERCE = ShopApi(
    "",
    "Consumer secret",
    "WooCommerce does not resend what did not arrive. With a key that may read (Settings → Advanced → REST"
    " API → “Add key”), what was missed can be fetched, and is by itself once the shop has gone silent.",
    _basic,
    name_label="Consumer key",
    page=woocommerce_page,
)
SHOPIFY = ShopApi(
    "",
    "Access token",
    "Some Shopify messages never arrive. With the shop’s address under myshopify.com and the access token"
    " of a custom app that may read orders, missed orders are fetched: by hand, or after a silence.",
    lambda access: {"X-Shopify-Access-Token": access.token},
    page=shopify_page,
)
