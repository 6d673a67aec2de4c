"""The functions and filters that templates can call."""

from __future__ import annotations

from flask import Flask

from automations.web import assets, audit_words, drafts, filters, fragments, holds, navigation, settings


def register(app: Flask) -> None:
    """Register the templates' globals and filters."""
    for module in (assets, audit_words, drafts, filters, fragments, holds, navigation, settings):
        module.register(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
