"""The functions and filters that templates can call."""

from __future__ import annotations

from flask import Flask

from automations.web.automations import check_links
from automations.web.builder import redraw_urls
from automations.web.builder.clip import clipboard
from automations.web.help import help_pages
from automations.web.kit import export_links, fragments, navigation, open_twice, template_filters
from automations.web.log import audit_phrases
from automations.web.palette import keyboard_pages
from automations.web.settings import hold_pages, settings_index
from automations.web.setup import assets


def register(app: Flask) -> None:
    """Register the templates' globals and filters."""
    for module in (
        assets,
        audit_phrases,
        check_links,
        clipboard,
        export_links,
        redraw_urls,
        template_filters,
        fragments,
        help_pages,
        hold_pages,
        keyboard_pages,
        navigation,
        open_twice,
        settings_index,
    ):
        module.register(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Every template is kept: a cache with a limit notes at each look which one was asked for last.
    app.jinja_env.cache = {}
