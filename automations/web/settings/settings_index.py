"""The list of settings pages, and the redirect to the first one that a person may use."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect
from werkzeug.wrappers import Response

from automations.web.kit.navigation import NavigationItem, navigation

PAGES = (
    ("Store", "store_settings.edit"),
    ("Stores", "stores.index"),
    ("Working hours", "working_hours.edit"),
    ("Team", "team.index"),
    ("Lists", "lists.index"),
    ("Fields", "custom_fields.index"),
    ("Email", "email_settings.edit"),
    ("Connections", "connections.index"),
    ("API keys", "keys.index"),
    ("Files", "rule_files.index"),
    ("Retention", "retention.edit"),
    ("Webhooks", "inbound_hooks.index"),
    ("Audit", "audit.index"),
)

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
def index() -> Response:
    return redirect(pages()[0].url, 303)


def pages() -> list[NavigationItem]:
    """Return the settings pages this person may use."""
    return navigation(PAGES)


def register(app: Flask) -> None:
    """Make the list available to templates."""
    app.jinja_env.globals.update(settings_pages=pages)
