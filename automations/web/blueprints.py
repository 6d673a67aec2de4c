"""Every module of this folder that has a `bp` is part of the site."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask

from automations import web
from automations.web import templating


def register(app: Flask) -> None:
    """Register each page module's blueprint; a module that does not import stops the start."""
    for found in pkgutil.iter_modules(web.__path__):
        module = importlib.import_module(f"{web.__name__}.{found.name}")
        if hasattr(module, "bp"):
            app.register_blueprint(module.bp)
    templating.register(app)
