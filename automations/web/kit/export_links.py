"""The way from the page of a list to its file, with the filters that the page shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, url_for

from automations.web.kit.paging import PLACE
from automations.web.kit.permissions import may


def register(app: Flask) -> None:
    """Let templates call `export_url`."""
    app.jinja_env.globals.update(export_url=export_url)


def export_url(endpoint: str, **values: Any) -> str:
    """Return the address of a list's file with the filters of this page; "" if the person may not have it.

    A page that a form brings back, with what is wrong in it, has none.
    """
    if not may(endpoint):
        return ""
    filters = {name: value for name, value in request.args.items() if name not in PLACE and value}
    # Not as arguments of url_for: some names are orders to it, so an address could redirect the link.
    asked = f"?{urlencode(filters)}" if filters and request.method == "GET" else ""
    return url_for(endpoint, **values) + asked
