"""Registers the blueprint of every module in this folder that has a `bp`."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask

from automations import web
from automations.web import templating


def register(app: Flask) -> None:
    """Register each module's blueprint. A module that cannot be imported stops the start."""
    for entry in pkgutil.iter_modules(web.__path__):
        module = importlib.import_module(f"{web.__name__}.{entry.name}")
        if hasattr(module, "bp"):
            app.register_blueprint(module.bp)
    templating.register(app)
