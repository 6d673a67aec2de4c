"""The addresses of every page, made from the routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from automations.web.permissions import PERMISSIONS

#: Parts of an address that are no record, and what they may be.
WORDS = {"list_key": ("order_status",), "plural": ("orders", "events"), "subject": ("order",)}
#: Files, and what a program asks for.
NO_PAGES = ("static", "assets.show")


def page_addresses(app: Flask, ids: dict[str, Any]) -> Iterator[str]:
    """Every address a browser may open, with the records of `ids` in it."""
    for rule in app.url_map.iter_rules():
        pages = rule.endpoint not in NO_PAGES and not PERMISSIONS[rule.endpoint].startswith("api:")
        if pages and "GET" in (rule.methods or ()):
            yield from filled(app, rule, ids)


def filled(app: Flask, rule: Rule, ids: dict[str, Any]) -> Iterator[str]:
    """The addresses of a rule; none where a part of it is nowhere in `ids` or in WORDS."""
    parts = rule.arguments - (rule.defaults or {}).keys()
    if parts - ids.keys() - WORDS.keys():
        return
    choices = [{}]
    for part in sorted(parts):
        values = (ids[part],) if part in ids else WORDS[part]
        choices = [{**one, part: value} for one in choices for value in values]
    adapter = app.url_map.bind("localhost")
    for values in choices:
        yield adapter.build(rule.endpoint, values | dict(rule.defaults or {}))
