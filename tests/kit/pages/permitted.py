"""The URL of every page, built from the routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from automations.web.kit.permissions import PERMISSIONS

#: URL parts that are not ids of records, and their possible values.
WORDS = {"list_key": ("order_status",), "plural": ("orders", "events"), "subject": ("order",)}
#: Files and other endpoints that are not pages.
NO_PAGES = ("static", "assets.show")


def page_addresses(app: Flask, ids: dict[str, Any]) -> Iterator[str]:
    """Yield every URL a browser can open, with the records of `ids` in it."""
    for rule in app.url_map.iter_rules():
        pages = rule.endpoint not in NO_PAGES and not PERMISSIONS[rule.endpoint].startswith("api:")
        if pages and "GET" in (rule.methods or ()):
            yield from filled(app, rule, ids)


def filled(app: Flask, rule: Rule, ids: dict[str, Any]) -> Iterator[str]:
    """Yield the URLs of a rule; none if one of its parts is in neither `ids` nor WORDS."""
    parts = rule.arguments - (rule.defaults or {}).keys()
    if parts - ids.keys() - WORDS.keys():
        return
    combinations: list[dict[str, Any]] = [{}]
    for part in sorted(parts):
        values = (ids[part],) if part in ids else WORDS[part]
        combinations = [{**parts_so_far, part: value} for parts_so_far in combinations for value in values]
    adapter = app.url_map.bind("localhost")
    for combination in combinations:
        yield adapter.build(rule.endpoint, combination | dict(rule.defaults or {}))
