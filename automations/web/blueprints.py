"""Registers every page of the site: each blueprint that a module in a package of `web/` defines."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Blueprint, Flask

from automations import web
from automations.web import templating


def register(app: Flask) -> None:
    """Register each blueprint once. A module that cannot be imported stops the start."""
    # All modules first: several may add their routes to one blueprint, which is closed once registered.
    modules = [
        importlib.import_module(info.name) for info in pkgutil.walk_packages(web.__path__, f"{web.__name__}.")
    ]
    values = (value for module in modules for value in vars(module).values())
    for blueprint in dict.fromkeys(value for value in values if isinstance(value, Blueprint)):
        app.register_blueprint(blueprint)
    templating.register(app)
