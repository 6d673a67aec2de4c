"""The settings: which pages there are, and the first one of each person."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect
from werkzeug.wrappers import Response

from automations.web.navigation import Item, navigation

PAGES = (
    ("Store", "store_settings.edit"),
    ("Stores", "stores.index"),
    ("Team", "team.index"),
    ("Lists", "lists.index"),
    ("Email", "email_settings.edit"),
    ("API keys", "keys.index"),
    ("Audit", "audit.index"),
)

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
def index() -> Response:
    return redirect(pages()[0].url, 303)


def pages() -> list[Item]:
    """The settings this person may change."""
    return navigation(PAGES)


def register(app: Flask) -> None:
    """Give the templates the list."""
    app.jinja_env.globals.update(settings_pages=pages)
