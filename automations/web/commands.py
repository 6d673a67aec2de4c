"""Commands of the `flask` program."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add the product's own commands."""
