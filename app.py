"""Builds the application; run as a program it also serves it, with its worker, on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from automations.models.base import db
from automations.models.database import prepare_engine
from automations.web import blueprints, commands, config, security


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The web application, configured from the environment and then from `overrides`."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.config.update(config.from_environment())
    app.config.update(overrides or {})
    config.finish(app.config)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    security.protect(app)
    blueprints.register(app)
    commands.register(app)
    return app
