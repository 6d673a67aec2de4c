"""The addresses behind the links of a check."""

from __future__ import annotations

from flask import Flask, url_for

from automations.features.checks.check import LinkTarget
from automations.web.kit.navigation import has_endpoint
from automations.web.kit.permissions import may
from automations.web.records.kind_pages import url_of


def check_url(target: LinkTarget) -> str:
    """Return the address of an automation, a record or a page of settings; "" where one may not go there."""
    if target.kind == "automation":
        return url_for("automations.show", automation_id=int(target.value))
    if target.kind in ("settings", "unless"):
        pages = [f"{target.value}.{view}" for view in ("edit", "index")]
        return next((url_for(page) for page in pages if has_endpoint(page) and may(page)), "")
    return url_of(target.kind, int(target.value)) if target.kind != "place" else ""


def register(app: Flask) -> None:
    """Register `check_url` with the templates."""
    app.jinja_env.globals.update(check_url=check_url)
